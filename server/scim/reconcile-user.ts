import { longestName, nameError, normalizedName } from '../../protocol/display-name.ts'
import { defaultMostPeople } from '../accounts/api-keys.ts'
import { endLinksOf } from '../accounts/links.ts'
import { isEmailAddress, isUsername } from '../accounts/login-name.ts'
import { countPeopleOf, provisioningDomainOf, putProvisioningDomain } from '../accounts/scim-owner-rows.ts'
import { deleteSessionsOf } from '../accounts/session-rows.ts'
import { changeUser, setDisabledAt, type UserChange } from '../accounts/user-rows.ts'
import type { Database } from '../database/tables.ts'
import { knownLanguage } from '../locales/language.ts'
import { applyPassword } from './password.ts'
import { type ProvisioningContext, recordProvisioning } from './provisioning-context.ts'
import { checkAddress, connectionOf, vouchesFor } from './provisioning-domain.ts'
import { invalidValue, notAllowed, notUnique } from './scim-error.ts'
import { type KnownUser, preferredLanguageOf, readScimUser, type SourceUser } from './scim-user-rows.ts'

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
  const { transaction: db, method, caller } = current
  if (!db) throw new Error('the SCIM plugin told of a person outside of its transaction')
  await keepProvisioningDomain(db, current, userId)
  const source = await readScimUser(db, connectionOf(caller), userId)
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
 * Whoever a limited key makes is its own for good. Nobody else gets this far by it: it links only to those whom its
 * domain had before, and a key without a domain to nobody of one.
 */
async function keepProvisioningDomain(
  db: Database,
  { caller, method }: ProvisioningContext,
  userId: string,
): Promise<void> {
  const { provisioningDomain, mostPeople = defaultMostPeople } = caller
  const before = await provisioningDomainOf(db, userId)
  if (before === provisioningDomain) return
  if (before !== undefined || provisioningDomain === undefined || method !== 'POST')
    throw new Error('a person of another provisioning domain was to be changed')
  if ((await countPeopleOf(db, provisioningDomain)) >= mostPeople)
    throw notAllowed(
      `With this key there are ${mostPeople} people at most, with those who were de-provisioned. For more the operator of the server makes another key of this clinic: npm run api-key -- create NAME --scim --own-people ${provisioningDomain} --domains … --most N`,
    )
  await putProvisioningDomain(db, userId, provisioningDomain)
}

/**
 * Makes a person here what the clinic's system says they are: how they log in, what they are called, and
 * which language they prefer. What they chose themselves stays until the clinic's system says otherwise anew; and what
 * it does not change is not looked at again, so that somebody can be disabled whom today's rules would not let in.
 *
 * @throws what the clinic's system is to be told, when they cannot be that here.
 */
async function applyIdentity(
  db: Database,
  source: SourceUser,
  { before, caller, now }: ProvisioningContext,
): Promise<void> {
  const { userId, primaryEmail, displayName } = source
  if (before?.primaryEmail !== primaryEmail) {
    if (!isEmailAddress(primaryEmail))
      throw invalidValue(
        'emails: the primary address must be one that mail can reach, of plain letters and at most 200 characters.',
      )
    checkAddress(caller, primaryEmail)
  }
  const name = normalizedName(displayName)
  if (before?.displayName !== displayName && nameError(name))
    throw invalidValue(
      `displayName and name: 1 to ${longestName} characters with something to be seen, none of them control characters.`,
    )
  const preferred = preferredLanguageOf(source)
  const language = knownLanguage(preferred?.replaceAll('_', '-'))
  const change: UserChange = {
    ...(await loginOf(db, source, before)),
    name: before && before.displayName === displayName ? before.name : name,
    // The clinic vouches for its people's addresses, where they are its own to give.
    ...(vouchesFor(caller, primaryEmail)
      ? { emailVerified: true }
      : before?.primaryEmail !== primaryEmail && { emailVerified: false }),
    ...(language && preferred !== before?.preferredLanguage && { language }),
  }
  await changeUser(db, userId, change, now)
  if (before && before.primaryEmail !== primaryEmail) await endLinksOf(db, userId, 'address-changed', now)
}

/** As a directory names people who log in to it by something like an address: plain ASCII. */
const addressLike = /^(?=.{3,254}$)[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+$/

/**
 * How they log in: by a username, or by their address alone. A userName that looks like an address is kept for the
 * clinic's system and is no login: it may be somebody else's address.
 */
async function loginOf(
  db: Database,
  { userId, userName }: SourceUser,
  before?: KnownUser,
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
  if (before?.userName === userName) return {}
  if (!addressLike.test(userName))
    throw invalidValue(
      'userName: 1 to 64 letters a–z, digits and the characters . _ - or else something like an address, in plain letters.',
    )
  // A username that they had from the clinic is theirs no longer.
  return before ? { username: null } : {}
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
