import type { Database } from '../database/tables.ts'
import { audit, type Client } from './audit.ts'
import { browserName } from './browser-name.ts'
import type { ProofError } from './dpop-proof.ts'
import { countRefusal, noteTokenTold, wasTokenTold } from './failed-attempts.ts'
import { enqueueSecurityMail } from './security-mail.ts'
import type { Session } from './sessions.ts'

export interface RefusedProof {
  readonly why: ProofError
  /** What it was for: a path of this server. */
  readonly path: string
  readonly from: Client
  /** The live session whose token came with it; undefined when it came with none, or with one that is nobody's. */
  readonly session?: Session | undefined
  /** Whether the token came as a mere bearer's, whatever came with it. No device of ours shows it so. */
  readonly bearer?: boolean | undefined
}

/**
 * Puts a refused proof on record, but for those of an address that sends too many. What concerns a live session is
 * counted for that session alone, so that its first is on record whatever else came from there; and its owner is told
 * by mail, once a day at most, of what nobody but somebody else can have sent: the session's token with another key,
 * or as a mere bearer's. All else may be the device's own: a clock, a proxy, a request sent twice, a server that moved.
 *
 * @returns what whoever sent it has to wait, in milliseconds; 0 while they are few.
 */
export function recordRefusedProof(
  { db, secret }: { readonly db: Database; readonly secret: string },
  refused: RefusedProof,
  now: number,
): Promise<number> {
  const { why, path, from, session } = refused
  return db.transaction().execute(async (transaction) => {
    const told = await tellOwner(transaction, secret, refused, now)
    const whose = session
      ? ({ kind: 'session-proof', sessionId: session.id } as const)
      : ({ kind: 'proof', address: from.address } as const)
    const wait = await countRefusal(transaction, secret, whose, now)
    if (wait > 0 && !told) return wait
    const what = why === 'replayed' ? 'proof-replayed' : 'proof-refused'
    const who = session && { who: session.account.id, device: session.device }
    await audit(transaction, { at: now, what, ...who, from, detail: { why, path } })
    return wait
  })
}

/** @returns whether they are told of this one. */
async function tellOwner(
  db: Database,
  secret: string,
  { why, from, session, bearer }: RefusedProof,
  now: number,
): Promise<boolean> {
  if (!session || !(why === 'wrong-key' || bearer)) return false
  if (await wasTokenTold(db, secret, session.id, now)) return false
  const device = await db
    .selectFrom('device')
    .select('label')
    .where('sessionId', '=', session.id)
    .executeTakeFirst()
  const { browser, system } = browserName(device?.label ?? '')
  const detail = { device: [browser, system].filter((part) => part !== undefined).join(', ') || undefined }
  const news = { userId: session.account.id, event: 'token-tried', at: now, from, detail } as const
  if (!(await enqueueSecurityMail(db, news, now))) return false
  await noteTokenTold(db, secret, session.id, now)
  return true
}
