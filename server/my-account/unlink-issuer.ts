import type { Database } from '../database/tables.ts'
import { type Changing, recordChange } from './account-change.ts'
import { readPerson } from './person.ts'

/** Forgets the account at the issuer, unless it is the only way in. @returns whether none is linked now. */
export const unlinkIssuer = (db: Database, changing: Changing): Promise<boolean> =>
  db.transaction().execute(async (transaction) => {
    const { userId } = changing.webSession
    const { hasPassword, linked } = await readPerson(transaction, userId)
    if (!linked) return true
    if (!hasPassword) return false
    await transaction
      .deleteFrom('account')
      .where('userId', '=', userId)
      .where('providerId', '!=', 'credential')
      .execute()
    await transaction.deleteFrom('issuerProfile').where('userId', '=', userId).execute()
    await recordChange(transaction, 'issuer-unlinked', changing)
    return true
  })
