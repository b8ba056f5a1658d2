import type { Audited, Origin } from '../accounts/audit.ts'
import { audit } from '../accounts/audit.ts'
import type { Json } from '../bus/bus.ts'
import type { Database } from '../database/tables.ts'
import type { Visit } from './web-sessions.ts'

/** Who changes something about themselves, from where, at which wall-clock ms. */
export interface Changing {
  readonly visit: Visit
  readonly from: Origin
  readonly now: number
}

/** Puts a change that a person made of their own account on record. Call it in the change's transaction. */
export const recordChange = (
  db: Database,
  what: Audited,
  { visit, from, now }: Changing,
  detail: { readonly [key: string]: Json } = {},
): Promise<void> =>
  audit(db, {
    at: now,
    what,
    who: visit.userId,
    from,
    device: visit.device,
    detail: { by: 'self', ...detail },
  })
