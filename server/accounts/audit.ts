import type { AuditRow } from '../database/account-tables.ts'
import type { Database } from '../database/tables.ts'
import type { Json } from '../json.ts'
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
] as const

export type Audited = (typeof audited)[number]

/** From where something was done. */
export interface Client {
  readonly address: string
  /** What the browser calls itself. */
  readonly label: string
}

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

/** Writes an entry down for good. @throws when it cannot; what must be on record is not done without it. */
export async function audit(db: Database, entry: AuditEntry): Promise<void> {
  const { at, what, who, login, from, device, detail } = entry
  await db
    .insertInto('audit')
    .values({
      at: Math.floor(at),
      what,
      who: who ?? null,
      login: login ?? null,
      address: from?.address ?? null,
      device: device ?? null,
      label: from?.label.slice(0, 200) || null,
      detail: JSON.stringify(detail ?? {}),
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

/** Entries, oldest first, with the name of whoever is still known. `who` and `login` are alternatives. */
export function readAudit(
  db: Database,
  { who, login, what, since }: AuditFilter,
): Promise<(AuditRow & { username: string | null; email: string | null })[]> {
  let query = db
    .selectFrom('audit')
    .leftJoin('user', 'user.id', 'audit.who')
    .selectAll('audit')
    .select((e) => [e.fn.coalesce('user.displayUsername', 'user.username').as('username'), 'user.email'])
  if (what !== undefined) query = query.where('what', '=', what)
  if (since !== undefined) query = query.where('at', '>=', since)
  if (who !== undefined || login !== undefined)
    query = query.where((e) => e.or([e('who', '=', who ?? null), e('login', '=', login ?? null)]))
  return query.orderBy('audit.id').execute()
}
