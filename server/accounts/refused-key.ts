import type { Database } from '../database/tables.ts'
import { audit, type Client } from './audit.ts'
import { countRefusal } from './failed-attempts.ts'
import { holdBack } from './held-back.ts'
import { recordRefusedProof } from './refused-proof.ts'
import { findSession } from './sessions.ts'

export interface RefusedKey {
  readonly what: 'api-key-refused' | 'provisioning-refused'
  readonly why: 'no-key' | 'unknown-key' | 'wrong-scope'
  /** What was shown as a key, if anything was. */
  readonly shown: string | undefined
  /** The name of a key that is good for something else. */
  readonly name?: string
  /** What it was for: the route, without what was asked there. */
  readonly path: string
  readonly from: Client
}

/**
 * Puts a refused key of a program on record, never the key itself, but for those of an address that tries too many. The
 * token of a live session that is shown as a key is a try at that session, and recorded as that.
 *
 * @returns what whoever sent it has to wait, in milliseconds; 0 when it was recorded. A right key is not asked to.
 */
export async function recordRefusedKey(
  dependencies: { readonly db: Database; readonly secret: string },
  { what, why, shown, name, path, from }: RefusedKey,
  now: number,
): Promise<number> {
  const { db, secret } = dependencies
  const session = why === 'unknown-key' && shown !== undefined ? await findSession(db, shown, now) : undefined
  if (session)
    return recordRefusedProof(dependencies, { why: 'missing', bearer: true, path, from, session }, now)
  const wait = await db.transaction().execute(async (transaction) => {
    const wait = await countRefusal(transaction, secret, { kind: 'key', address: from.address }, now)
    const detail = { why, path, ...(name !== undefined && { key: name }) }
    if (wait === 0) await audit(transaction, { at: now, what, from, detail })
    return wait
  })
  if (wait > 0) holdBack(db, what, { count: 1, since: now })
  return wait
}
