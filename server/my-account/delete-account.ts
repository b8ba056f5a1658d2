import { deleteCredentialsOf, passwordHashOf } from '../accounts/credential-rows.ts'
import { readAccount } from '../accounts/find-account.ts'
import { forgetMailbox } from '../accounts/forget-mailbox.ts'
import { forgetProvisioning } from '../accounts/scim-owner-rows.ts'
import { deleteSessionsOf } from '../accounts/session-rows.ts'
import { hasSession } from '../accounts/sessions.ts'
import { anonymizeUser, formerName } from '../accounts/user-rows.ts'
import type { Database } from '../database/tables.ts'
import { deleteMessagesOf } from '../messages/message-retention.ts'
import { forgetInEvents } from '../people/forget-person.ts'
import { forgetInWebhooks } from './forget-in-webhooks.ts'
import { type Actor, recordChange } from './record-change.ts'

/** A sign-in at the issuer counts as fresh for so long, ms. */
export const freshFor = 5 * 60_000

/** What is a person's alone. */
const ownTables = [
  'link',
  'mail',
  'signInCode',
  'knownDevice',
  'sessionEnd',
  'firstPassword',
  'issuerProfile',
  'reachability',
  'status',
  'contact',
  'placeMember',
  'accountEvent',
] as const

/**
 * Deletes a person's account: everything that says who they were goes, and nothing can sign in to it. Calls
 * stay on record, without the name, by way of an account that is nobody's any more.
 *
 * @param passwordHash of the password that the person has just shown to know; undefined for who has none.
 * @returns false, with nothing done, when that is not their password any more or the session that they came by is
 * over: verifying takes its time, and nothing brings an account back.
 */
export const deleteAccount = (
  db: Database,
  actor: Actor,
  passwordHash: string | undefined,
): Promise<boolean> =>
  db.transaction().execute(async (transaction) => {
    const { userId, sessionId } = actor.webSession
    const account = await readAccount(transaction, userId)
    if (
      !account ||
      !(await hasSession(transaction, sessionId)) ||
      (await passwordHashOf(transaction, userId)) !== passwordHash
    )
      return false
    await recordChange(transaction, 'account-deleted', actor)
    await deleteSessionsOf(transaction, userId)
    await deleteCredentialsOf(transaction, userId)
    await forgetInEvents(transaction, userId)
    await forgetInWebhooks(transaction, userId, account)
    for (const table of ownTables) await transaction.deleteFrom(table).where('userId', '=', userId).execute()
    await deleteMessagesOf(transaction, userId, actor.now)
    await forgetProvisioning(transaction, userId)
    await forgetMailbox(transaction, account.email)
    await forgetInCalls(transaction, userId)
    await transaction
      .updateTable('expectedCall')
      .set({ to: formerName })
      .where('userId', '=', userId)
      .where('to', 'is not', null)
      .execute()
    await anonymizeUser(transaction, userId, actor.now)
    return true
  })

/** Calls stay, without the name and the words of either side of them. */
async function forgetInCalls(trx: Database, userId: string): Promise<void> {
  const calls = trx.updateTable('call')
  await calls.set({ to: formerName, reply: null }).where('userId', '=', userId).execute()
  await calls.set({ from: formerName, reply: null }).where('callerId', '=', userId).execute()
}
