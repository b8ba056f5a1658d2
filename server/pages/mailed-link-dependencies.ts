import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { ClientOf } from '../http/client-address.ts'

/** What it takes to have people ask for a link by mail, or do what a link is for. */
export interface MailedLinkDependencies {
  readonly db: Database
  /** Of this installation. */
  readonly secret: string
  readonly clock: Clock
  readonly serverOrigins: () => readonly string[]
  readonly clientOf: ClientOf
  /** Something was put into the outbox. */
  readonly wake: () => void
}
