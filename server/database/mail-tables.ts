import type { Selectable } from 'kysely'

/** One mail of the outbox, from when its cause was written down until a while after it was sent. */
export interface MailTable {
  /** Also its Message-ID, so that a mail sent twice can be told. */
  id: string
  kind: string
  userId: string | null
  to: string
  language: string
  /** JSON; null once it was sent or given up. */
  values: string | null
  madeAt: number
  /** From then on it makes no sense to send it. */
  uselessAt: number
  tries: number
  /** When to try next; null once it was sent or given up. */
  nextAt: number | null
  sentAt: number | null
  /** What the last try came to, when it was not sent; never a secret. */
  failed: string | null
}

export type MailRow = Selectable<MailTable>
