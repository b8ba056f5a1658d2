import { inLine } from '../database/locking.ts'
import type { Database } from '../database/tables.ts'
import { wasMailed } from '../mail/outbox.ts'
import type { ApiKey } from './api-keys.ts'
import { audit, type Client } from './audit.ts'
import { countLine } from './audit-rate-limit.ts'
import { countRefusal, refusalLine } from './failed-attempts.ts'
import { holdBack } from './held-back.ts'
import { recordRefusedProof } from './refused-proof.ts'
import { enqueueOperatorMail } from './security-mail.ts'
import { findSession } from './sessions.ts'

/** The operator is told of misused keys once in so long, in ms. */
const toldEvery = 24 * 3_600_000

export interface RefusedKeyDependencies {
  readonly db: Database
  /** Of this installation. */
  readonly secret: string
  /** OPERATOR_EMAIL; with none nobody is told. */
  readonly operatorEmail?: string | undefined
}

export interface RefusedKey {
  readonly what: 'api-key-refused' | 'provisioning-refused'
  readonly why: 'no-key' | 'unknown-key' | 'wrong-scope'
  /** What was shown as a key, if anything was. */
  readonly shown: string | undefined
  /** One that is good for something else. */
  readonly key?: Pick<ApiKey, 'id' | 'name'> | undefined
  /** What it was for: the route, without what was asked there. */
  readonly path: string
  readonly from: Client
}

/**
 * Puts a refused key of a program on record, never the key itself, but for those of an address that tries too many. The
 * token of a live session that is shown as a key is a try at that session, and recorded as that. A key that is tried
 * where it is good for nothing is somebody's mistake, or was stolen: it is counted by itself, so that no junk hides its
 * first, and the operator is told once a day.
 *
 * @returns what whoever sent it has to wait, in milliseconds; 0 when it was recorded. A right key is not asked to.
 */
export async function recordRefusedKey(
  dependencies: RefusedKeyDependencies,
  { what, why, shown, key, path, from }: RefusedKey,
  now: number,
): Promise<number> {
  const { db, secret, operatorEmail } = dependencies
  const session = why === 'unknown-key' && shown !== undefined ? await findSession(db, shown, now) : undefined
  if (session)
    return recordRefusedProof(dependencies, { why: 'missing', bearer: true, path, from, session }, now)
  const whose = key
    ? ({ kind: 'misused-key', keyId: key.id } as const)
    : ({ kind: 'key', address: from.address } as const)
  const record = async (transaction: Database) => {
    const wait = await countRefusal(transaction, secret, whose, now)
    if (wait > 0) return wait
    await audit(transaction, { at: now, what, from, detail: { why, path, ...(key && { key: key.name }) } })
    if (key && !(await wasMailed(transaction, { kind: 'api-key-misused' }, toldEvery, now))) {
      const event = { event: 'api-key-misused', at: now, from, key: key.name } as const
      await enqueueOperatorMail(transaction, operatorEmail, event, now)
    }
    return wait
  }
  // Without a key that is known it is anybody's, who may be many.
  const wait = await (key
    ? db.transaction().execute(record)
    : inLine(db, [refusalLine(whose), countLine(what)], record))
  if (wait > 0) holdBack(db, what, { count: 1, since: now })
  return wait
}
