import { formerEmail, formerName } from '../accounts/former-account.ts'
import type { Database } from '../database/tables.ts'
import { type Changing, recordChange } from './account-change.ts'

/** A sign-in at the issuer counts as fresh for so long, ms. */
export const freshFor = 5 * 60_000

/**
 * Deletes a person's account: everything that says who they were goes, and nothing can sign in to it. Calls
 * stay on record, without the name, by way of an account that is nobody's any more.
 */
export const deleteAccount = (db: Database, changing: Changing): Promise<void> =>
  db.transaction().execute(async (transaction) => {
    const { userId } = changing.webSession
    await recordChange(transaction, 'account-deleted', changing)
    for (const table of [
      'session',
      'account',
      'link',
      'mail',
      'signInCode',
      'issuerProfile',
      'reachability',
    ] as const)
      await transaction.deleteFrom(table).where('userId', '=', userId).execute()
    for (const table of ['scimUser', 'scimSubject', 'scimIdentityTombstone'] as const)
      await transaction.deleteFrom(table).where('userId', '=', userId).execute()
    await transaction.updateTable('call').set({ to: formerName }).where('userId', '=', userId).execute()
    await transaction
      .updateTable('user')
      .set({
        name: formerName,
        email: formerEmail(userId),
        emailVerified: 0,
        username: null,
        displayUsername: null,
        image: null,
        language: null,
        mailMissed: 0,
        mailNames: 0,
        disabledAt: changing.now,
        updatedAt: new Date(changing.now).toISOString(),
      })
      .where('id', '=', userId)
      .execute()
  })
