import type { Kysely } from 'kysely'

const renamed = {
  pulse: 'writeProbe',
  attempt: 'failedAttempt',
  asked: 'rateLimited',
  visit: 'webSession',
  visitCode: 'webSessionCode',
}

/** Tables by the names that the code has for what is in them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const [from, to] of Object.entries(renamed)) await db.schema.alterTable(from).renameTo(to).execute()
}
