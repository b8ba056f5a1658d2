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

/** A link that was mailed: it proves that whoever opens it reads that mailbox, and works once. */
export interface LinkTable {
  id: string
  kind: 'reset' | 'invitation' | 'sign-up'
  /** Of its token; null until its mail leaves. */
  hash: string | null
  /** Whose password a reset is for. */
  userId: string | null
  email: string
  /** The name to suggest in an invitation. */
  name: string | null
  language: string | null
  madeAt: number
  diesAt: number
  endedAt: number | null
  endedBy: 'used' | 'newer' | 'password-changed' | 'address-changed' | 'withdrawn' | null
}

/** Each time something was asked for that may be asked only so often. */
export interface RateLimitedTable {
  /** A hash: people type passwords where they should not. */
  key: string
  at: number
}

export type MailRow = Selectable<MailTable>
export type LinkRow = Selectable<LinkTable>
