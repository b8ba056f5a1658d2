import { countRequest } from '../accounts/request-rate-limit.ts'
import type { Database } from '../database/tables.ts'
import type { Actor } from './record-change.ts'

/** So often within an hour a person changes for good who comes in: each change is on record, whatever else is only counted. */
const mostChanges = 20

/** Counts such a change, before it is made. @returns how long to wait instead, in ms; 0 when it may be made. */
export const countChange = (
  { db, secret }: { readonly db: Database; readonly secret: string },
  { webSession, now }: Actor,
  what: 'password-changed' | 'issuer-unlinked',
): Promise<number> =>
  countRequest(db, secret, [{ key: `${what}:${webSession.userId}`, most: mostChanges }], now)
