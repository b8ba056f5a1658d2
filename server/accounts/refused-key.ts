import type { Database } from '../database/tables.ts'
import { audit, type Client } from './audit.ts'
import { countRefusal } from './failed-attempts.ts'

export interface RefusedKey {
  readonly what: 'api-key-refused' | 'provisioning-refused'
  readonly why: 'no-key' | 'unknown-key' | 'wrong-scope'
  /** Of a key that is good for something else. */
  readonly name?: string
  /** What it was for: the route, without what was asked there. */
  readonly path: string
  readonly from: Client
}

/**
 * Puts a refused key of a program on record, never the key itself, but for those of an address that tries too many.
 *
 * @returns what that address has to wait, in milliseconds; 0 when it was recorded. A right key is not asked to.
 */
export function recordRefusedKey(
  { db, secret }: { readonly db: Database; readonly secret: string },
  { what, why, name, path, from }: RefusedKey,
  now: number,
): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    const wait = await countRefusal(transaction, secret, { kind: 'key', address: from.address }, now)
    const detail = { why, path, ...(name !== undefined && { key: name }) }
    if (wait === 0) await audit(transaction, { at: now, what, from, detail })
    return wait
  })
}
