import type { Database } from '../database/tables.ts'
import { normalLogin } from './login-name.ts'

/** Deletes what was mailed to an address before it was anybody's here: invitations, sign-ups, and their links. */
export async function forgetMailbox(db: Database, email: string): Promise<void> {
  const address = normalLogin(email)
  await db.deleteFrom('link').where('email', '=', address).execute()
  await db.deleteFrom('mail').where('to', '=', address).execute()
}
