import { audit, type Client } from '../accounts/audit.ts'
import type { Database } from '../database/tables.ts'
import type { TakenProfile } from './taken-profile.ts'

/** What a person has now, and what was last taken from the issuer. */
export interface Profile {
  readonly has: { readonly name: string; readonly picture: string | null; readonly language: string | null }
  readonly last: { readonly [key in keyof TakenProfile]: string | null }
}

/**
 * What a person has after a sign-in at the issuer. What differs from what was taken last they have from
 * elsewhere or chose themselves, and it stays; the rest follows the issuer.
 */
export function followIssuer({ has, last }: Profile, taken: TakenProfile): Profile {
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
  { email, ...taken }: TakenProfile & { readonly email: string | null },
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
  const { name, picture: image, language } = has
  await db
    .updateTable('user')
    .set({ name, image, language, updatedAt: new Date(now).toISOString() })
    .where('id', '=', userId)
    .execute()
  const detail = { by: 'issuer', fields: fields.join(' ') }
  await audit(db, { at: now, what: 'account-changed', who: userId, from, detail })
  return true
}
