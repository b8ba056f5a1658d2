import type { Account } from '../../../protocol/connection.ts'
import type { Database } from '../../../server/database/tables.ts'

/** Whom calls are to, in tests without a server around them. */
export const ann: Account = {
  id: 'ann',
  name: 'Ann',
  username: 'ann',
  email: 'ann@clinic.example',
  picture: null,
  language: null,
}

/** Writes her down where she is not there yet. */
export async function addAnn(db: Database): Promise<void> {
  const at = new Date().toISOString()
  const { id, name, email, username } = ann
  await db
    .insertInto('user')
    .values({
      ...{ id, name, email, username },
      displayUsername: 'ann',
      emailVerified: 0,
      image: null,
      createdAt: at,
      updatedAt: at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
