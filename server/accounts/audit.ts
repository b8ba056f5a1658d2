import { deleteBatch } from '../database/delete-batch.ts'
import { inLine } from '../database/locking.ts'
import type { Database } from '../database/tables.ts'
import type { Json } from '../json.ts'
import { countEntry, countLine, isCounted, ownLimit, takeCounted } from './audit-rate-limit.ts'
import { countHeldBack } from './held-back.ts'
import { normalLogin } from './login-name.ts'
import { keyedHash } from './secrets.ts'

/** What the record knows of. Each says in `detail` what else there is to say. */
export const audited = [
  'signed-in',
  'sign-in-refused',
  'signed-out',
  'sessions-revoked',
  'proof-refused',
  'proof-replayed',
  'issuer-account-made',
  'issuer-linked',
  'issuer-refused',
  'account-added',
  'api-key-created',
  'api-key-revoked',
  'api-key-refused',
  'webhook-created',
  'webhook-deleted',
  'webhook-secret-changed',
  'webhook-enabled',
  /** After days of failing, or since its receiver said that it is gone. */
  'webhook-disabled',
  /** By the operator. */
  'place-changed',
  'account-opened',
  'account-changed',
  'password-changed',
  'password-refused',
  'session-ended',
  'issuer-unlinked',
  'account-deleted',
  'provisioned',
  'provisioning-changed',
  'provisioning-refused',
  'account-disabled',
  'account-enabled',
  'deprovisioned',
  /** From a clinic's provisioning, by the operator. */
  'account-released',
  'reset-asked',
  'reset-done',
  'sign-up-asked',
  'invited',
  'signed-up',
  /** So many more of one kind than were written, since `since`. */
  'and-more',
] as const

export type Audited = (typeof audited)[number]

/** What a stranger causes without any right, as often as they have addresses; see `audit-rate-limit.ts`. */
const byStrangers: ReadonlySet<Audited> = new Set<Audited>([
  'sign-in-refused',
  'proof-refused',
  'proof-replayed',
  'issuer-refused',
  'provisioning-refused',
  'api-key-refused',
  'reset-asked',
  'sign-up-asked',
])

/**
 * What a person does about themselves by every right, or their clinic's system about them, as often as they like. What
 * changes for good who comes in (passwords, links to an issuer) is always written: how often it can be done is limited.
 */
const inTurns: ReadonlySet<Audited> = new Set<Audited>([
  'signed-in',
  'signed-out',
  'session-ended',
  'account-opened',
  'account-changed',
  'password-refused',
  'provisioned',
  'provisioning-changed',
  'account-disabled',
  'account-enabled',
  'deprovisioned',
])

/** From where something was done. */
export interface Client {
  readonly address: string
  /** What the browser calls itself. */
  readonly label: string
}

/** No text of an entry is longer, in characters: whoever sends one chooses how long it is. */
const longest = 200

const cut = (text: string): string => [...text.slice(0, 2 * longest)].slice(0, longest).join('')

/** What a browser calls itself, without signs that cannot be seen, and 200 characters of it at most. */
export const userAgentLabel = (userAgent: string): string =>
  cut(userAgent.slice(0, 1_000).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '')).trim()

export interface AuditEntry {
  /** Wall-clock ms. */
  readonly at: number
  readonly what: Audited
  /** The id of the account. */
  readonly who?: string | undefined
  /** With nobody known: `unknownLogin` of what was typed, since people type passwords there. */
  readonly login?: string | undefined
  readonly from?: Client | undefined
  readonly device?: string | undefined
  /** Never a secret: no token, code, proof, password, or name of nobody we know. */
  readonly detail?: { readonly [key: string]: Json }
}

/** How a login that nobody has is kept: the same each time, and nothing to anyone without the secret. */
export const unknownLogin = (secret: string, login: string): string =>
  keyedHash(secret, 'audit-login', normalLogin(login)).slice(0, 16)

/**
 * Writes an entry down for good; of what is caused without end only so many, and the others are counted.
 *
 * @throws when it cannot; what must be on record is not done without it.
 */
export async function audit(db: Database, entry: AuditEntry): Promise<void> {
  if (!isLimited(entry)) return write(db, entry)
  const { what, who, at } = entry
  await inLine(db, [countLine(what, who)], async (transaction) => {
    const size = inTurns.has(what) ? ownLimit : undefined
    if (await countEntry(transaction, what, who, at, size)) await write(transaction, entry)
  })
}

/** Proofs that concern a live session, and real keys used where they may not be, are counted where they are refused. */
const isLimited = ({ what, who, detail }: AuditEntry) =>
  inTurns.has(what) ||
  (byStrangers.has(what) &&
    !(what.startsWith('proof-') && who !== undefined) &&
    detail?.why !== 'wrong-scope')

/** Tells how many entries were only counted: those whose time has come, or all. */
export async function recordCounted(db: Database, now: number, which: 'due' | 'all'): Promise<void> {
  await countHeldBack(db)
  while (await isCounted(db, now, which))
    await db.transaction().execute(async (transaction) => {
      for (const { what, who, more: count, since } of await takeCounted(transaction, now, which)) {
        const detail = { what, count, since: new Date(since).toISOString() }
        await write(transaction, { at: now, what: 'and-more', who: who ?? undefined, detail })
      }
    })
}

async function write(db: Database, entry: AuditEntry): Promise<void> {
  const { at, what, who, login, from, device, detail } = entry
  await db
    .insertInto('audit')
    .values({
      at: Math.floor(at),
      what,
      who: who ?? null,
      login: login ?? null,
      address: from?.address ?? null,
      device: device === undefined ? null : cut(device),
      label: (from && userAgentLabel(from.label)) || null,
      detail: JSON.stringify(detail ?? {}, (_, value) => (typeof value === 'string' ? cut(value) : value)),
    })
    .execute()
}

/** A minute more than is said: the database knows the time in whole seconds, and lets nothing go a moment early. */
const margin = 60_000

/** Drops entries that were kept for so many ms. @returns whether there may be more of them. */
export const deleteOldEntries = (db: Database, now: number, keptFor: number): Promise<boolean> =>
  deleteBatch(db, 'audit', 'at', now - keptFor - margin)
