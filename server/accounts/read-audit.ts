import type { AuditRow } from '../database/account-tables.ts'
import type { Database } from '../database/tables.ts'

/** What the command asks of the record. */

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
