import type { Generated, Selectable } from 'kysely'

/** Where programs want to be told of events, and what is on its way there. */

export interface WebhookTable {
  id: string
  /** With the key it goes. */
  apiKeyId: string
  url: string
  /** Names of events, with spaces between. */
  events: string
  /** Sealed: what is sent is signed with it. */
  secret: string
  /** The one before, which signs too until `oldSecretUntil`. */
  oldSecret: Generated<string | null>
  oldSecretUntil: Generated<number | null>
  createdAt: number
  /** How often in a row it did not take what was sent. */
  failures: Generated<number>
  /** Since when it has taken nothing; null of one that took the last. */
  failingSince: Generated<number | null>
  /** Nothing is sent there before this. */
  pausedUntil: Generated<number>
  /** When it was given up: nothing is sent there any more. */
  disabledAt: Generated<number | null>
  /** What the last try came to that failed; never a secret. */
  lastFailure: Generated<string | null>
  /** When it had its last turn: whoever waited longest for one is next. */
  servedAt: Generated<number>
}

/** One event on its way to one webhook, from when its cause was written down until a while after it was taken. */
export interface WebhookDeliveryTable {
  /** The id by which its receiver knows one that comes twice. */
  id: string
  webhookId: string
  event: string
  /** What is sent, exactly; null once it was taken or given up. */
  body: string | null
  madeAt: number
  /** Its place among those that were made with it. */
  n: Generated<number>
  tries: Generated<number>
  /** When to try next; null once it was taken or given up. */
  nextAt: number | null
  deliveredAt: Generated<number | null>
  failed: Generated<string | null>
}

export type WebhookRow = Selectable<WebhookTable>
export type WebhookDeliveryRow = Selectable<WebhookDeliveryTable>
