/** Asks PostgreSQL. */
export type Query = (statement: string) => Promise<readonly Record<string, unknown>[]>

const atOnce = 100_000

/** What differs from one person to the next, of each table in which a person who is signed in has a row; `n` numbers them. */
const own: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  user: {
    id: `'known-' || n`,
    username: `'known' || n`,
    displayUsername: `'known' || n`,
    email: `'known' || n || '@load.example'`,
  },
  session: { id: `'known-' || n`, userId: `'known-' || n`, token: `md5('token' || n)` },
  device: {
    sessionId: `'known-' || n`,
    userId: `'known-' || n`,
    device: 'gen_random_uuid()::text',
    endTokenHash: `md5('end' || n)`,
  },
}

let added = 0

/**
 * Gives so many more people an account and a session, in statements of PostgreSQL, since a million by our own would take
 * hours. They are copies of somebody who is there, but for what is each one's own.
 */
export async function addKnownPeople(query: Query, count: number): Promise<void> {
  for (let left = count; left > 0; ) {
    const some = Math.min(left, atOnce)
    for (const [table, differs] of Object.entries(own)) {
      const columns = await query(
        `select column_name as name from information_schema.columns where table_name = '${table}' and table_schema = current_schema()`,
      )
      const names = columns.map(({ name }) => String(name))
      const values = names.map((name) => differs[name] ?? `one."${name}"`)
      await query(
        `insert into "${table}" (${names.map((name) => `"${name}"`).join(', ')})
         select ${values.join(', ')} from (select * from "${table}" limit 1) one, generate_series(${added + 1}, ${added + some}) n`,
      )
    }
    added += some
    left -= some
  }
  if (count > 0) await query('analyze')
}
