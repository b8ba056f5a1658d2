import { nameError, normalizedName } from '../../protocol/display-name.ts'
import { audit, type Client } from '../accounts/audit.ts'
import { changeUser } from '../accounts/user-rows.ts'
import type { Database } from '../database/tables.ts'
import { knownLanguage, type Language } from '../locales/language.ts'
import type { IssuerClaims } from './openid-client.ts'

/** What we take from an issuer besides the address; null where it says nothing that we can use. */
export interface IssuerProfile {
  readonly name: string | null
  readonly picture: string | null
  readonly language: Language | null
}

const longestPicture = 2_000

export const issuerProfileOf = ({ name, picture, locale }: IssuerClaims): IssuerProfile => ({
  name: usableName(name),
  picture: usablePicture(picture),
  language: knownLanguage(locale?.replaceAll('_', '-')) ?? null,
})

function usableName(given = ''): string | null {
  const name = normalizedName(given)
  return nameError(name) === undefined ? name : null
}

function usablePicture(given = ''): string | null {
  const url = URL.parse(given)
  return url?.protocol === 'https:' && url.href.length <= longestPicture ? url.href : null
}

/** What a person has now, and what was last taken from the issuer. */
export interface FollowedProfile {
  readonly has: { readonly name: string; readonly picture: string | null; readonly language: string | null }
  readonly last: { readonly [key in keyof IssuerProfile]: string | null }
}

/**
 * What a person has after a sign-in at the issuer. What differs from what was taken last they have from
 * elsewhere or chose themselves, and it stays; the rest follows the issuer.
 */
export function followIssuer({ has, last }: FollowedProfile, taken: IssuerProfile): FollowedProfile {
  const name = has.name === last.name
  const picture = has.picture === null || has.picture === last.picture
  const language = has.language === null || has.language === last.language
  const now = {
    name: name ? (taken.name ?? has.name) : has.name,
    picture: picture ? taken.picture : has.picture,
    language: language ? (taken.language ?? has.language) : has.language,
  }
  return {
    has: now,
    last: {
      name: name ? now.name : last.name,
      picture: picture ? now.picture : last.picture,
      language: language ? now.language : last.language,
    },
  }
}

/**
 * Takes name, picture and language from the issuer, and puts on record which of them changed. The address at
 * the issuer is only kept, to show the person which account is linked. Call it in a transaction.
 *
 * @returns whether anything changed that the person's devices show.
 */
export async function takeProfile(
  db: Database,
  userId: string,
  { email, ...taken }: IssuerProfile & { readonly email: string | null },
  from: Client,
  now: number,
): Promise<boolean> {
  const row = await db
    .selectFrom('user')
    .leftJoin('issuerProfile', 'issuerProfile.userId', 'user.id')
    .select(['user.name', 'user.image as picture', 'user.language'])
    .select(['issuerProfile.name as n', 'issuerProfile.picture as p', 'issuerProfile.language as l'])
    .where('user.id', '=', userId)
    .executeTakeFirstOrThrow()
  const { has, last } = followIssuer(
    { has: row, last: { name: row.n, picture: row.p, language: row.l } },
    taken,
  )
  await db
    .insertInto('issuerProfile')
    .values({ userId, ...last, email })
    .onConflict((conflict) => conflict.column('userId').doUpdateSet({ ...last, email }))
    .execute()
  const fields = (['name', 'picture', 'language'] as const).filter((field) => has[field] !== row[field])
  if (fields.length === 0) return false
  await changeUser(db, userId, has, now)
  const detail = { by: 'issuer', fields: fields.join(' ') }
  await audit(db, { at: now, what: 'account-changed', who: userId, from, detail })
  return true
}
