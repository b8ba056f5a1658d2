import { isEmailAddress } from '../accounts/invite.ts'
import { endLinksOf } from '../accounts/links.ts'
import { keptName, longestName, nameError } from '../accounts/new-person.ts'
import { isUsername } from '../accounts/username.ts'
import type { ScimUserRow } from '../database/account-tables.ts'
import type { Database } from '../database/tables.ts'
import { knownLanguage } from '../locales/language.ts'
import { comparableEmail } from '../openid/taken-profile.ts'
import type { Provisioning } from './provisioning.ts'
import { invalidValue, notUnique } from './refuse-provisioning.ts'
import { preferredLanguageOf } from './source.ts'

/**
 * Makes a person here what the clinic's system says they are: how they log in, what they are called, and
 * which language they prefer. What they chose themselves stays until the clinic's system says otherwise anew.
 *
 * @throws what the clinic's system is to be told, when they cannot be that here.
 */
export async function takeIdentity(
  db: Database,
  source: ScimUserRow,
  { before, now }: Provisioning,
): Promise<void> {
  const { userId, primaryEmail } = source
  if (!isEmailAddress(primaryEmail) || comparableEmail(primaryEmail) === undefined)
    throw invalidValue('emails: the primary address must be of plain letters and at most 200 characters.')
  const name = keptName(source.displayName)
  if (nameError(name))
    throw invalidValue(
      `displayName and name: 1 to ${longestName} characters, none of them control characters.`,
    )
  const preferred = preferredLanguageOf(source)
  const language = knownLanguage(preferred?.replaceAll('_', '-'))
  await db
    .updateTable('user')
    .set({
      ...(await loginOf(db, source, before?.userName)),
      name: before && before.displayName === source.displayName ? before.name : name,
      // The clinic vouches for its people's addresses.
      emailVerified: 1,
      ...(language && preferred !== before?.preferredLanguage && { language }),
      updatedAt: new Date(now).toISOString(),
    })
    .where('id', '=', userId)
    .execute()
  if (before && before.primaryEmail !== primaryEmail) await endLinksOf(db, userId, 'address-changed', now)
}

/** How they log in: by a username, or by their address alone. */
async function loginOf(db: Database, { userId, userName, primaryEmail }: ScimUserRow, former?: string) {
  if (isUsername(userName)) {
    const username = userName.toLowerCase()
    const other = await db
      .selectFrom('user')
      .select('id')
      .where('username', '=', username)
      .where('id', '!=', userId)
      .executeTakeFirst()
    if (other) throw notUnique('userName: somebody has this username already.')
    return { username, displayUsername: userName }
  }
  if (userName.toLowerCase() !== primaryEmail.toLowerCase())
    throw invalidValue(
      'userName: 1 to 64 letters a–z, digits and the characters . _ - or else the primary address of emails.',
    )
  // A username that they had from the clinic is theirs no longer.
  return former !== undefined && former !== userName ? { username: null, displayUsername: null } : {}
}
