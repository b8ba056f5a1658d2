import type { Database } from '../database/tables.ts'
import { audit, type Client } from './audit.ts'
import type { ProofError } from './dpop-proof.ts'
import { countRefusal } from './failed-attempts.ts'

export interface RefusedProof {
  readonly why: ProofError
  /** What it was for: a path of this server. */
  readonly path: string
  readonly from: Client
  /** Whose token came with it; undefined when it came with none, or with one that is nobody's. */
  readonly who?: string | undefined
  readonly device?: string | undefined
}

/**
 * Puts a refused proof on record, but for those of an address that sends too many.
 *
 * @returns what that address has to wait, in milliseconds; 0 when it was recorded.
 */
export function recordRefusedProof(db: Database, refused: RefusedProof, now: number): Promise<number> {
  const { why, path, from, who, device } = refused
  return db.transaction().execute(async (transaction) => {
    const wait = await countRefusal(transaction, 'proof', from.address, now)
    if (wait > 0) return wait
    const what = why === 'replayed' ? 'proof-replayed' : 'proof-refused'
    await audit(transaction, { at: now, what, who, from, device, detail: { why, path } })
    return 0
  })
}
