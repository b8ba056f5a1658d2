import type { AuditRow } from '../database/account-tables.ts'
import { deleteBatch } from '../database/delete-batch.ts'
import type { Database } from '../database/tables.ts'
import type { Json } from '../json.ts'
import { dropIdleCounts, takeCounted, takePlace } from './audit-pace.ts'
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
  'reset-asked',
  'reset-done',
  'sign-up-asked',
  'invited',
  'signed-up',
  /** So many more of one kind than were written, since `since`. */
  'and-more',
] as const

export type Audited = (typeof audited)[number]

/** What a stranger causes without any right, as often as they have addresses; see `audit-pace.ts`. */
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
export const labelOf = (userAgent: string): string =>
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
 * Writes an entry down for good; of what strangers cause without end only so many, and the others are counted.
 *
 * @throws when it cannot; what must be on record is not done without it.
 */
export async function audit(db: Database, entry: AuditEntry): Promise<void> {
  if (!isPaced(entry)) return write(db, entry)
  await inTransaction(db, async (transaction) => {
    if (await takePlace(transaction, entry.what, entry.who, entry.at)) await write(transaction, entry)
  })
}

/** Proofs that concern a live session are counted for that session, where they are refused. */
const isPaced = ({ what, who }: AuditEntry) =>
  byStrangers.has(what) && !(what.startsWith('proof-') && who !== undefined)

/** Tells how many entries were only counted: those whose time has come, or all. */
export async function recordCounted(db: Database, now: number, which: 'due' | 'all'): Promise<void> {
  for (;;) {
    const told = await db.transaction().execute(async (transaction) => {
      const counted = await takeCounted(transaction, now, which)
      for (const { what, who, more: count, since } of counted) {
        const detail = { what, count, since: new Date(since).toISOString() }
        await write(transaction, { at: now, what: 'and-more', who: who ?? undefined, detail })
      }
      return counted.length
    })
    if (told === 0) return dropIdleCounts(db, now)
  }
}

const inTransaction = <T>(db: Database, what: (transaction: Database) => Promise<T>): Promise<T> =>
  db.isTransaction ? what(db) : db.transaction().execute(what)

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
      label: (from && labelOf(from.label)) || null,
      detail: JSON.stringify(detail ?? {}, (_, value) => (typeof value === 'string' ? cut(value) : value)),
    })
    .execute()
}

export interface AuditFilter {
  readonly who?: string | undefined
  readonly login?: string | undefined
  readonly what?: string | undefined
  /** Wall-clock ms. */
  readonly since?: number | undefined
}

/** An entry with the name of whoever is still known. */
export type ReadEntry = AuditRow & { readonly username: string | null; readonly email: string | null }

const readAtOnce = 1_000

/** Entries, oldest first, however many there are. `who` and `login` are alternatives. */
export async function* readAudit(db: Database, filter: AuditFilter): AsyncGenerator<ReadEntry> {
  for (let after = 0; ; ) {
    const entries = await readAfter(db, filter, after)
    yield* entries
    const last = entries.at(-1)
    if (!last || entries.length < readAtOnce) return
    after = last.id
  }
}

function readAfter(
  db: Database,
  { who, login, what, since }: AuditFilter,
  after: number,
): Promise<ReadEntry[]> {
  let query = db
    .selectFrom('audit')
    .leftJoin('user', (on) => on.onRef('user.id', '=', 'audit.who').on('user.deletedAt', 'is', null))
    .selectAll('audit')
    .select((e) => [e.fn.coalesce('user.displayUsername', 'user.username').as('username'), 'user.email'])
    .where('audit.id', '>', after)
  if (what !== undefined) query = query.where('what', '=', what)
  if (since !== undefined) query = query.where('at', '>=', since)
  if (who !== undefined || login !== undefined)
    query = query.where((e) => e.or([e('who', '=', who ?? null), e('login', '=', login ?? null)]))
  return query.orderBy('audit.id').limit(readAtOnce).execute()
}

/** Some ms more than is said: the database knows the time in whole seconds, and lets nothing go a moment early. */
const margin = 60_000

/** Drops entries that were kept for so many ms. @returns whether there may be more of them. */
export const deleteOldEntries = (db: Database, now: number, keptFor: number): Promise<boolean> =>
  deleteBatch(db, 'audit', 'at', now - keptFor - margin)
