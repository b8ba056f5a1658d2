import { longestName, nameError, normalizedName } from '../../protocol/display-name.ts'
import { endLinksOf } from '../accounts/links.ts'
import { comparableEmail, isEmailAddress, isUsername } from '../accounts/login-name.ts'
import { deleteSessionsOf } from '../accounts/session-rows.ts'
import { changeUser, setDisabledAt, type UserChange } from '../accounts/user-rows.ts'
import type { ScimUserRow } from '../database/scim-tables.ts'
import type { Database } from '../database/tables.ts'
import { knownLanguage } from '../locales/language.ts'
import { applyPassword } from './password.ts'
import { type ProvisioningContext, recordProvisioning } from './provisioning-context.ts'
import { invalidValue, notUnique } from './scim-error.ts'
import { preferredLanguageOf, readScimUser } from './scim-user-rows.ts'

const recorded = { POST: 'provisioned', DELETE: 'deprovisioned' } as const

/**
 * Brings an account to what the clinic's system has just said, in the transaction in which the plugin keeps
 * that: both or neither.
 *
 * @param active whether the clinic's system still wants them to sign in.
 * @throws what the clinic's system is to be told.
 */
export async function reconcileUser(
  current: ProvisioningContext,
  userId: string,
  active: boolean,
): Promise<void> {
  const { transaction: db, method } = current
  if (!db) throw new Error('the SCIM plugin told of a person outside of its transaction')
  const source = await readScimUser(db, userId)
  if (source) {
    await applyIdentity(db, source, current)
    await applyPassword(db, current, userId)
  }
  const what = method in recorded ? recorded[method as keyof typeof recorded] : 'provisioning-changed'
  await recordProvisioning(db, current, userId, what)
  await applyActive(db, current, userId, active)
  current.touched.add(userId)
}

/**
 * Makes a person here what the clinic's system says they are: how they log in, what they are called, and
 * which language they prefer. What they chose themselves stays until the clinic's system says otherwise anew.
 *
 * @throws what the clinic's system is to be told, when they cannot be that here.
 */
async function applyIdentity(
  db: Database,
  source: ScimUserRow,
  { before, now }: ProvisioningContext,
): Promise<void> {
  const { userId, primaryEmail } = source
  if (!isEmailAddress(primaryEmail) || comparableEmail(primaryEmail) === undefined)
    throw invalidValue('emails: the primary address must be of plain letters and at most 200 characters.')
  const name = normalizedName(source.displayName)
  if (nameError(name))
    throw invalidValue(
      `displayName and name: 1 to ${longestName} characters, none of them control characters.`,
    )
  const preferred = preferredLanguageOf(source)
  const language = knownLanguage(preferred?.replaceAll('_', '-'))
  const change: UserChange = {
    ...(await loginOf(db, source, before?.userName)),
    name: before && before.displayName === source.displayName ? before.name : name,
    // The clinic vouches for its people's addresses.
    emailVerified: true,
    ...(language && preferred !== before?.preferredLanguage && { language }),
  }
  await changeUser(db, userId, change, now)
  if (before && before.primaryEmail !== primaryEmail) await endLinksOf(db, userId, 'address-changed', now)
}

/** How they log in: by a username, or by their address alone. */
async function loginOf(
  db: Database,
  { userId, userName, primaryEmail }: ScimUserRow,
  former?: string,
): Promise<Pick<UserChange, 'username'>> {
  if (isUsername(userName)) {
    const other = await db
      .selectFrom('user')
      .select('id')
      .where('username', '=', userName.toLowerCase())
      .where('id', '!=', userId)
      .executeTakeFirst()
    if (other) throw notUnique('userName: somebody has this username already.')
    return { username: userName }
  }
  if (userName.toLowerCase() !== primaryEmail.toLowerCase())
    throw invalidValue(
      'userName: 1 to 64 letters a–z, digits and the characters . _ - or else the primary address of emails.',
    )
  // A username that they had from the clinic is theirs no longer.
  return former !== undefined && former !== userName ? { username: null } : {}
}

/** Lets a person sign in, or no more: then everything ends by which they are here. */
async function applyActive(
  db: Database,
  current: ProvisioningContext,
  userId: string,
  active: boolean,
): Promise<void> {
  const { disabledAt } = await db
    .selectFrom('user')
    .select('disabledAt')
    .where('id', '=', userId)
    .executeTakeFirstOrThrow()
  if (active === (disabledAt === null)) return
  await setDisabledAt(db, userId, active ? null : current.now)
  if (active) return recordProvisioning(db, current, userId, 'account-enabled')
  const ended = await deleteSessionsOf(db, userId)
  await endLinksOf(db, userId, 'withdrawn', current.now)
  await recordProvisioning(db, current, userId, 'account-disabled', { ended })
}
