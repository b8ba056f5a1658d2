import { type Selectable, sql } from 'kysely'
import { mostContacts } from '../../protocol/people.ts'
import { isAmong } from '../database/is-among.ts'
import type { ContactLinkTable, ContactRow } from '../database/people-tables.ts'
import type { Database } from '../database/tables.ts'
import type { ContactChanges } from './contact-changes.ts'
import { heldBy, teamsOfBoth } from './held-by.ts'

/**
 * Who are contacts by the clinic's word. What holds two people together is written apart from their contacts: a link by a
 * name, or a team that both are in. A contact has the name of one of them, or none where the two are contacts by their own
 * will; it ends with the last of them, and never where it was their own.
 */

const inOrder = (one: string, other: string) =>
  one < other ? ({ one, other } as const) : ({ one: other, other: one } as const)

/**
 * Makes two people contacts as the clinic's system says. Who are contacts by their own will stay so when the link ends; who
 * has blocked the other has that still.
 *
 * @param team what the link is called.
 * @param provisioningDomain the link is for as long as both are people of it; null for as long as nobody ends it.
 * @returns whether there was no such link.
 */
export async function linkPeople(
  trx: Database,
  changes: ContactChanges,
  one: string,
  other: string,
  team: string,
  now: number,
  provisioningDomain: string | null = null,
): Promise<boolean> {
  if (one === other) return false
  const made = await trx
    .insertInto('contactLink')
    .values({ ...inOrder(one, other), team, provisioningDomain })
    .onConflict((conflict) => conflict.doNothing())
    .returning('team')
    .execute()
  if (made.length > 0) await tellHeld(trx, changes, one, [other])
  await linkWith(trx, changes, one, [other], team, now)
  return made.length > 0
}

/** Ends a link that `linkPeople` made by this name. @returns whether there was one. */
export async function unlinkPeople(
  trx: Database,
  changes: ContactChanges,
  one: string,
  other: string,
  team: string,
): Promise<boolean> {
  const pair = inOrder(one, other)
  const ended = await trx
    .deleteFrom('contactLink')
    .where('one', '=', pair.one)
    .where('other', '=', pair.other)
    .where('team', '=', team)
    .returning('team')
    .execute()
  if (ended.length > 0) await unlinkWith(trx, changes, one, [other])
  return ended.length > 0
}

/** Links of a clinic's key between people of whom one is not the clinic's any more: nobody else could end them. */
export const strayLinks = (db: Database, most: number): Promise<readonly Selectable<ContactLinkTable>[]> =>
  db
    .selectFrom('contactLink')
    .selectAll('contactLink')
    .leftJoin('scimOwner as ownerOfOne', 'ownerOfOne.userId', 'contactLink.one')
    .leftJoin('scimOwner as ownerOfOther', 'ownerOfOther.userId', 'contactLink.other')
    .where('contactLink.provisioningDomain', 'is not', null)
    .where((e) => {
      const domain = e.ref('contactLink.provisioningDomain')
      const none = sql<string>`''`
      return e.or([
        e(e.fn.coalesce('ownerOfOne.provisioningDomain', none), '<>', domain),
        e(e.fn.coalesce('ownerOfOther.provisioningDomain', none), '<>', domain),
      ])
    })
    .orderBy('contactLink.one')
    .limit(most)
    .execute()

/** Who of these has more contacts than a person may have. @returns what they are called; undefined where nobody has. */
export async function overfull(trx: Database, userIds: readonly string[]): Promise<string | undefined> {
  const row = await trx
    .selectFrom('contact')
    .innerJoin('user', 'user.id', 'contact.userId')
    .select('user.name')
    .where(isAmong(trx, 'contact.userId', userIds))
    .where('contact.relation', 'in', ['contact', 'asked', 'asks'])
    .groupBy(['user.id', 'user.name'])
    .having((e) => e.fn.countAll<number>(), '>', mostContacts)
    .limit(1)
    .executeTakeFirst()
  return row?.name
}

/**
 * Makes two people contacts as if one had asked and the other accepted: it is theirs, and either may end it.
 *
 * @returns whether they were none before.
 */
export const joinPeople = (
  trx: Database,
  changes: ContactChanges,
  one: string,
  other: string,
  now: number,
): Promise<boolean> => linkWith(trx, changes, one, [other], null, now)

/**
 * Ends that two people are contacts, by whatever it came, but a team of the clinic's system that both are in: then nothing
 * is done.
 */
export async function partPeople(
  trx: Database,
  changes: ContactChanges,
  one: string,
  other: string,
): Promise<{ readonly kind: 'parted' | 'none' } | { readonly kind: 'in-team'; readonly team: string }> {
  const [team] = (await teamsOfBoth(trx, one, [other])).get(other) ?? []
  if (team !== undefined) return { kind: 'in-team', team }
  const pair = inOrder(one, other)
  await trx.deleteFrom('contactLink').where('one', '=', pair.one).where('other', '=', pair.other).execute()
  const { mine, theirs } = await rowsOf(trx, one, [other])
  if (!isContact(mine.get(other)) && !isContact(theirs.get(other))) return { kind: 'none' }
  await endWith(trx, changes, one, [other])
  return { kind: 'parted' }
}

/** Makes a person a contact of all of these, where they are not. @returns whether anybody was not. */
export async function linkWith(
  trx: Database,
  changes: ContactChanges,
  userId: string,
  others: readonly string[],
  team: string | null,
  now: number,
): Promise<boolean> {
  if (others.length === 0) return false
  const { mine, theirs } = await rowsOf(trx, userId, others)
  const fresh = others.filter((other) => !isContact(mine.get(other)) || !isContact(theirs.get(other)))
  if (fresh.length === 0) return false
  const requests = await trx
    .deleteFrom('contact')
    .where('relation', 'in', ['asked', 'withdrawn'])
    .where((e) =>
      e.or([
        e.and([e('userId', '=', userId), e('otherId', 'in', fresh)]),
        e.and([e('otherId', '=', userId), e('userId', 'in', fresh)]),
      ]),
    )
    .returning(['userId', 'id'])
    .execute()
  for (const request of requests) changes.touched(request.userId, request.id)
  await between(userId, fresh, (where) =>
    trx
      .updateTable('contact')
      .set({ before: 'contact', team })
      .where('relation', '=', 'blocked')
      .where(...where.userIds)
      .where(...where.ids)
      .execute(),
  )
  const rows = fresh.flatMap((other) => [
    ...(mine.get(other)?.relation === 'blocked' ? [] : [{ userId, id: other }]),
    ...(theirs.get(other)?.relation === 'blocked' ? [] : [{ userId: other, id: userId }]),
  ])
  const contact = { relation: 'contact', since: now, team } as const
  if (rows.length > 0)
    await trx
      .insertInto('contact')
      .values(rows.map((row) => ({ ...row, otherId: row.id, ...contact })))
      .onConflict((conflict) => conflict.columns(['userId', 'id']).doUpdateSet({ ...contact, before: null }))
      .execute()
  for (const row of rows) changes.touched(row.userId, row.id)
  for (const other of fresh) changes.related(userId, other)
  return true
}

/** Ends what held a person and these together, once it is written that it does not: what something else holds stays. */
export async function unlinkWith(
  trx: Database,
  changes: ContactChanges,
  userId: string,
  others: readonly string[],
): Promise<void> {
  if (others.length === 0) return
  const { mine, theirs } = await rowsOf(trx, userId, others)
  const held = await heldBy(trx, userId, others)
  const ended: string[] = []
  for (const other of others) {
    const rows = [mine.get(other), theirs.get(other)].filter((row) => row !== undefined)
    if (rows.every(({ team }) => team === null)) {
      touchOwn(changes, rows)
      continue
    }
    const names = held.get(other) ?? []
    const [name] = names
    if (name === undefined) ended.push(other)
    else
      for (const row of rows) {
        if (row.team === null || names.includes(row.team)) continue
        await trx
          .updateTable('contact')
          .set({ team: name })
          .where('userId', '=', row.userId)
          .where('id', '=', row.id)
          .execute()
        changes.touched(row.userId, row.id)
      }
  }
  await endWith(trx, changes, userId, ended)
}

/** Tells those who are contacts of a person by their own will, and the person, that what holds them besides is another. */
export async function tellHeld(
  trx: Database,
  changes: ContactChanges,
  userId: string,
  others: readonly string[],
): Promise<void> {
  if (others.length === 0) return
  const { mine, theirs } = await rowsOf(trx, userId, others)
  touchOwn(changes, [...mine.values(), ...theirs.values()])
}

function touchOwn(changes: ContactChanges, rows: readonly ContactRow[]): void {
  for (const { userId, id, relation, team } of rows)
    if (relation === 'contact' && team === null) changes.touched(userId, id)
}

/** Who has blocked the other has nothing to go back to. */
async function endWith(trx: Database, changes: ContactChanges, userId: string, others: readonly string[]) {
  if (others.length === 0) return
  await between(userId, others, async (where) => {
    const gone = await trx
      .deleteFrom('contact')
      .where('relation', '=', 'contact')
      .where(...where.userIds)
      .where(...where.ids)
      .returning(['userId', 'id'])
      .execute()
    for (const row of gone) changes.touched(row.userId, row.id)
    await trx
      .updateTable('contact')
      .set({ before: null, team: null })
      .where('relation', '=', 'blocked')
      .where('before', '=', 'contact')
      .where(...where.userIds)
      .where(...where.ids)
      .execute()
  })
  for (const other of others) changes.related(userId, other)
}

interface Side {
  readonly userIds: readonly ['userId', 'in', readonly string[]]
  readonly ids: readonly ['id', 'in', readonly string[]]
}

/** Does something to the rows by which a person has the others, and to those by which they have the person. */
async function between(
  userId: string,
  others: readonly string[],
  work: (side: Side) => Promise<unknown>,
): Promise<void> {
  await work({ userIds: ['userId', 'in', [userId]], ids: ['id', 'in', others] })
  await work({ userIds: ['userId', 'in', others], ids: ['id', 'in', [userId]] })
}

/** By the other: the row by which this person has them, and the one by which they have this person. */
async function rowsOf(trx: Database, userId: string, others: readonly string[]) {
  const mine = await trx
    .selectFrom('contact')
    .selectAll()
    .where('userId', '=', userId)
    .where('id', 'in', others)
    .execute()
  const theirs = await trx
    .selectFrom('contact')
    .selectAll()
    .where('userId', 'in', others)
    .where('id', '=', userId)
    .execute()
  return {
    mine: new Map(mine.map((row) => [row.id, row])),
    theirs: new Map(theirs.map((row) => [row.userId, row])),
  }
}

const isContact = (row: ContactRow | undefined): boolean =>
  (row?.relation === 'blocked' ? row.before : row?.relation) === 'contact'
