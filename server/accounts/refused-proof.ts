import { inLine } from '../database/locking.ts'
import type { Database } from '../database/tables.ts'
import { audit, type Client } from './audit.ts'
import { countLine } from './audit-rate-limit.ts'
import type { ProofError } from './dpop-proof.ts'
import { countRefusal, refusalLine } from './failed-attempts.ts'
import { holdBack } from './held-back.ts'
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
 * by mail (`enqueueSecurityMail` says how often) of what nobody but somebody else can have sent: the session's token
 * with another key, or as a mere bearer's. All else may be the device's own: a clock, a proxy, a request sent twice, a
 * server that moved.
 *
 * @returns what whoever sent it has to wait, in milliseconds; 0 while they are few.
 */
export async function recordRefusedProof(
  { db, secret }: { readonly db: Database; readonly secret: string },
  { why, path, from, session, bearer }: RefusedProof,
  now: number,
): Promise<number> {
  const what = why === 'replayed' ? 'proof-replayed' : 'proof-refused'
  const whose = session
    ? ({ kind: 'session-proof', sessionId: session.id } as const)
    : ({ kind: 'proof', address: from.address } as const)
  const record = async (transaction: Database) => {
    const wait = await countRefusal(transaction, secret, whose, now)
    const told =
      session !== undefined &&
      (why === 'wrong-key' || bearer === true) &&
      (await enqueueSecurityMail(transaction, tokenTried(session, from, now), now))
    if (wait > 0 && !told) return wait
    const who = session && { who: session.account.id, device: session.device }
    await audit(transaction, { at: now, what, ...who, from, detail: { why, path } })
    return wait
  }
  // Without a session it is anybody's, who may be many.
  const wait = await (session
    ? db.transaction().execute(record)
    : inLine(db, [refusalLine(whose), countLine(what)], record))
  if (wait > 0 && !session) holdBack(db, what, { count: 1, since: now })
  return wait
}

const tokenTried = ({ id: sessionId, account }: Session, from: Client, at: number) =>
  ({ userId: account.id, event: 'token-tried', sessionId, at, from }) as const
