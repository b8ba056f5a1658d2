import { sql } from 'kysely'
import { normalLogin } from '../accounts/login-name.ts'
import type { Database } from '../database/tables.ts'
import { sidesOf } from '../messages/message-rows.ts'
import { readContacts } from '../people/contact-rows.ts'
import { loginById } from '../people/contacts.ts'

/** So many of each kind are on the page, the newest first; whoever has more sees the next as these go. */
const mostListed = 200
/** So much of what each of the blocked did is on the page. */
const mostKeptOfOne = 20

/** Something that a blocked person did: `text` of a message, undefined of a call. */
export interface Kept {
  readonly at: number
  readonly text: string | undefined
}

interface Apart {
  readonly id: string
  readonly name: string
  readonly username: string | null
  readonly since: number
}

export interface ApartPeople {
  /** `isAsked`: they were asked again, and nothing was heard of it. */
  readonly removed: readonly (Apart & { readonly isAsked: boolean })[]
  /** With what they did since, the newest first. */
  readonly blocked: readonly (Apart & { readonly kept: readonly Kept[] })[]
}

/** Whom a person has removed or blocked. */
export async function listApart(db: Database, userId: string): Promise<ApartPeople> {
  const contacts = [...(await readContacts(db, userId))].sort((a, b) => b.since - a.since)
  const of = (relation: 'removed' | 'blocked') =>
    contacts.filter((one) => one.relation === relation).slice(0, mostListed)
  const [removed, blocked] = [of('removed'), of('blocked')]
  const asked = removed.length === 0 ? new Set<string>() : await askedLogins(db, userId)
  const kept = blocked.length === 0 ? new Map<string, Kept[]>() : await keptOf(db, userId, blocked)
  return {
    removed: removed.map((one) => ({ ...one, isAsked: isAsked(asked, one) })),
    blocked: blocked.map((one) => ({ ...one, kept: (kept.get(one.id) ?? []).slice(0, mostKeptOfOne) })),
  }
}

/**
 * Whether somebody is asked again, by what this page shows of them: that an address which this person has asked is theirs
 * must not be told.
 */
const isAsked = (logins: ReadonlySet<string>, { id, username }: Apart): boolean =>
  logins.has(loginById(id)) || (username !== null && logins.has(normalLogin(username)))

async function askedLogins(db: Database, userId: string): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('contact')
    .select('login')
    .where('userId', '=', userId)
    .where('relation', '=', 'asked')
    .execute()
  return new Set(rows.flatMap(({ login }) => login ?? []))
}

/** Of each person's the newest is the first: whatever one of them does takes no place of another's. */
const newestOf = (column: 'callerId' | 'from') =>
  sql<number>`row_number() over (partition by ${sql.ref(column)} order by "at" desc)`

async function keptOf(
  db: Database,
  userId: string,
  blocked: readonly Apart[],
): Promise<ReadonlyMap<string, Kept[]>> {
  const since = new Map(blocked.map((one) => [one.id, one.since]))
  const calls = await db
    .selectFrom(
      db
        .selectFrom('call')
        .select(['callerId', 'at', newestOf('callerId').as('newer')])
        .where('userId', '=', userId)
        .where('hidden', '=', 'blocked')
        .where('callerId', 'in', [...since.keys()])
        .as('call'),
    )
    .select(['callerId', 'at'])
    .where('newer', '<=', mostKeptOfOne)
    .execute()
  const messages = await db
    .selectFrom(
      db
        .selectFrom('message')
        .select(['from', 'text', 'at', newestOf('from').as('newer')])
        .where(
          'thread',
          'in',
          blocked.map(({ id }) => sidesOf(userId, id).id),
        )
        .where('from', '<>', userId)
        .as('message'),
    )
    .select(['from', 'text', 'at'])
    .where('newer', '<=', mostKeptOfOne)
    .execute()
  const kept = new Map<string, Kept[]>()
  const add = (id: string, one: Kept) => kept.set(id, [...(kept.get(id) ?? []), one])
  for (const { callerId, at } of calls) if (callerId !== null) add(callerId, { at, text: undefined })
  for (const { from, text, at } of messages) if (at >= (since.get(from) ?? 0)) add(from, { at, text })
  for (const all of kept.values()) all.sort((a, b) => b.at - a.at)
  return kept
}
