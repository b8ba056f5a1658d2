import type { Database } from '../database/tables.ts'
import { notUnique } from './refuse-provisioning.ts'

export type ResolvedPerson =
  | { readonly action: 'create' }
  | { readonly action: 'link'; readonly userId: string; readonly profile: 'manage' }

/**
 * Who it is that the clinic's system tells us of for the first time: whoever has that address here, if it
 * was shown to be theirs, or if the clinic's system had them before; else somebody new.
 *
 * @throws when the address belongs to an account, but nobody has shown to whom.
 */
export async function resolvePerson(db: Database, email: string): Promise<ResolvedPerson> {
  const person = await db
    .selectFrom('user')
    .leftJoin('scimSubject', 'scimSubject.userId', 'user.id')
    .leftJoin('scimUser', 'scimUser.userId', 'user.id')
    .select(['user.id', 'user.emailVerified', 'scimSubject.userId as subject', 'scimUser.id as source'])
    .where('user.email', '=', email.toLowerCase())
    .executeTakeFirst()
  if (!person) return { action: 'create' }
  if (person.source !== null) throw notUnique('emails: somebody has this address already.')
  if (person.subject !== null || person.emailVerified === 1)
    return { action: 'link', userId: person.id, profile: 'manage' }
  throw notUnique('emails: an account has this address, and nobody has shown yet that it is theirs.')
}
