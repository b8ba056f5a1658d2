import { type Audited, audit, type Client } from '../accounts/audit.ts'
import type { Database } from '../database/tables.ts'
import type { Json } from '../json.ts'
import type { WebSession } from './web-sessions.ts'

/** Who changes something about themselves, from where, at which wall-clock ms. */
export interface Actor {
  readonly webSession: WebSession
  readonly from: Client
  readonly now: number
}

/** Puts a change that a person made of their own account on record. Call it in the change's transaction. */
export const recordChange = (
  db: Database,
  what: Audited,
  { webSession, from, now }: Actor,
  detail: { readonly [key: string]: Json } = {},
): Promise<void> =>
  audit(db, {
    at: now,
    what,
    who: webSession.userId,
    from,
    device: webSession.device,
    detail: { by: 'self', ...detail },
  })
