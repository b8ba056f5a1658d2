import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { mostContacts } from '../../protocol/people.ts'
import { findActiveAccount } from '../accounts/find-account.ts'
import { loginsOf, normalLogin } from '../accounts/login-name.ts'
import type { ContactRow } from '../database/people-tables.ts'
import type { Database } from '../database/tables.ts'
import { pour } from '../leaky-bucket.ts'
import type { ContactChanges } from './contact-changes.ts'
import { findContact } from './contact-rows.ts'
import { heldBy } from './held-by.ts'
import { done, type Handled, refused } from './people-requests.ts'

/**
 * What people do about one another. Each is done in a transaction of the caller's (`changeContacts`), and done again it
 * changes nothing. A relation has a row on each side, and only these fit each other:
 *
 * | mine | theirs |
 * | --- | --- |
 * | contact | contact, or blocked that was contact |
 * | asked | asks, or blocked that was asks, or declined, or asked-lately, or none that a device is told of |
 * | asks | asked |
 * | blocked | contact, asked, blocked, removed, or none |
 * | removed | none, or asked, or blocked, or removed |
 */

const day = 86_400_000
/** What is asked or declined is so for so long, in ms. */
export const asksFor = 30 * day
/** Of what one person asks another, one request is told in so long, in ms, however often it is taken back. */
const toldAgainAfter = day
/** So many requests a person makes in a day. */
const asksADay = { atOnce: 50, perSecond: 50 / 86_400 }

const gone = () => refused('no-such-contact', 'This person is not among your contacts any more.')

/** Everybody who counts against the limit. */
const counted = ['contact', 'asked', 'asks'] as const

async function hasRoom(trx: Database, userId: string): Promise<boolean> {
  const { many } = await trx
    .selectFrom('contact')
    .select((e) => e.fn.countAll<number>().as('many'))
    .where('userId', '=', userId)
    .where('relation', 'in', [...counted])
    .executeTakeFirstOrThrow()
  return many < mostContacts
}

/**
 * Writes down that a person asks whoever has this login. Whether anybody has it is found out later (`settleRequest`), so
 * that nothing of the answer, nor how long it takes, tells.
 *
 * @param typed a username or an email address.
 * @param login by which they are looked for, where that is not what is shown of it: a login, or `loginById`.
 */
export async function askContact(
  trx: Database,
  changes: ContactChanges,
  userId: string,
  typed: string,
  now: number,
  login: string = normalLogin(typed),
): Promise<Handled> {
  const me = await trx
    .selectFrom('user')
    .select(['email', 'username'])
    .where('id', '=', userId)
    .where('deletedAt', 'is', null)
    .executeTakeFirst()
  if (!me) return gone()
  if (loginsOf(me).includes(login)) return refused('bad-request', 'That is you. Enter somebody else’s name.')
  const known = await knownByName(trx, userId, login)
  switch (known?.relation) {
    case 'contact':
      return refused('bad-request', `${known.name} is among your contacts already.`)
    case 'blocked':
      return refused('bad-request', `You have blocked ${known.name}. Unblock them first, under My account.`)
    case 'asks':
      if (await standingRequest(trx, known.id, userId))
        return answerContact(trx, changes, userId, known.id, 'accept', now)
  }
  const asked = await trx
    .selectFrom('contact')
    .select('id')
    .where('userId', '=', userId)
    .where('login', '=', login)
    .where('relation', '=', 'asked')
    .executeTakeFirst()
  if (asked) return done
  if (!(await hasRoom(trx, userId)))
    return refused(
      'too-many-contacts',
      `You have ${mostContacts.toLocaleString('en')} contacts, and no room for more. Remove some first.`,
    )
  const wait = await countAsk(trx, userId, now)
  if (wait > 0)
    return refused(
      'too-many-attempts',
      'You have asked many people today. Try again later.',
      Math.ceil(wait / 1_000),
    )
  const id = randomUUID()
  await trx
    .insertInto('contact')
    .values({ userId, id, otherId: null, relation: 'asked', typed, login, since: now, toSettle: 1 })
    .execute()
  changes.touched(userId, id)
  return done
}

/** What stands for the login of somebody who is asked by their id: nothing that is typed is compared as this. */
export const loginById = (id: string): string => `ID ${id}`

/** Asks somebody who was removed, by the name that they were shown by. Their address is told to nobody. */
export async function askAgain(
  trx: Database,
  changes: ContactChanges,
  userId: string,
  id: string,
  now: number,
): Promise<Handled> {
  const mine = await findContact(trx, userId, id)
  const other = await trx
    .selectFrom('user')
    .select(['username', 'displayUsername', 'name'])
    .where('id', '=', id)
    .where('disabledAt', 'is', null)
    .executeTakeFirst()
  if (mine?.relation !== 'removed' || !other) return gone()
  const { username, displayUsername, name } = other
  return askContact(trx, changes, userId, displayUsername ?? username ?? name, now, username ?? loginById(id))
}

/** Whoever was removed is not kept in mind any more. */
export async function forgetRemoved(
  trx: Database,
  changes: ContactChanges,
  userId: string,
  id: string,
): Promise<Handled> {
  const mine = await findContact(trx, userId, id)
  if (mine === undefined) return done
  if (mine.relation !== 'removed') return gone()
  await deleteRow(trx, mine)
  changes.touched(userId, id)
  return done
}

/** Somebody whom this person has, by the username that they are shown: nothing is told by it that was not known. */
const knownByName = (trx: Database, userId: string, login: string) =>
  trx
    .selectFrom('contact')
    .innerJoin('user', 'user.id', 'contact.otherId')
    .select(['contact.id', 'contact.relation', 'user.name'])
    .where('contact.userId', '=', userId)
    .where('contact.relation', 'in', ['contact', 'blocked', 'asks'])
    .where('user.username', '=', login)
    .where('user.disabledAt', 'is', null)
    .executeTakeFirst()

/** @returns how many ms until one more may be made; 0 when it is counted. */
async function countAsk(trx: Database, userId: string, now: number): Promise<number> {
  const row = await trx
    .selectFrom('accountCounter')
    .select(['asks', 'askedAt'])
    .where('userId', '=', userId)
    .executeTakeFirst()
  const { bucket, wait } = pour(row && { level: row.asks, at: row.askedAt }, asksADay, now)
  if (wait > 0) return wait
  const asks = { asks: bucket.level, askedAt: bucket.at }
  await trx
    .insertInto('accountCounter')
    .values({ userId, seq: 0, ...asks })
    .onConflict((conflict) => conflict.column('userId').doUpdateSet(asks))
    .execute()
  return 0
}

/** A request of this person to the other that stands. */
const standingRequest = (trx: Database, userId: string, otherId: string) =>
  trx
    .selectFrom('contact')
    .select('id')
    .where('userId', '=', userId)
    .where('otherId', '=', otherId)
    .where('relation', '=', 'asked')
    .executeTakeFirst()

/** Has the other side of a request hear that it was made, or taken back. Where that was done already, nothing. */
export async function settleRequest(
  trx: Database,
  changes: ContactChanges,
  { userId, id }: Pick<ContactRow, 'userId' | 'id'>,
  now: number,
): Promise<void> {
  const request = await trx
    .updateTable('contact')
    .set({ toSettle: 0 })
    .where('userId', '=', userId)
    .where('id', '=', id)
    .where('toSettle', '=', 1)
    .returningAll()
    .executeTakeFirst()
  if (request?.relation === 'asked') await settleAsked(trx, changes, request, now)
  else if (request?.relation === 'withdrawn') await settleWithdrawn(trx, changes, request)
}

const findAsked = (trx: Database, login: string): Promise<{ readonly id: string } | undefined> =>
  login.startsWith(loginById(''))
    ? trx
        .selectFrom('user')
        .select('id')
        .where('id', '=', login.slice(loginById('').length))
        .where('disabledAt', 'is', null)
        .where('deletedAt', 'is', null)
        .executeTakeFirst()
    : findActiveAccount(trx, login)

async function settleAsked(trx: Database, changes: ContactChanges, request: ContactRow, now: number) {
  const { userId, id, login } = request
  const other = await findAsked(trx, login ?? '')
  if (!other || other.id === userId) return
  const both = {
    mine: await findContact(trx, userId, other.id),
    theirs: await findContact(trx, other.id, userId),
  }
  await trx
    .updateTable('contact')
    .set({ otherId: other.id })
    .where('userId', '=', userId)
    .where('id', '=', id)
    .execute()
  if (both.mine?.relation === 'contact' || both.mine?.relation === 'blocked') return
  const { theirs } = both
  if (theirs?.relation === 'blocked') {
    if (theirs.before !== 'contact') await setRow(trx, theirs, { before: 'asks' })
    return
  }
  // Whoever asks somebody who asks them, or whom they declined, says yes.
  if (await standingRequest(trx, other.id, userId)) return join(trx, changes, userId, other.id, now)
  if (theirs?.relation === 'asks') return
  if (theirs?.relation === 'declined' && theirs.since > now - asksFor) return
  // It is told once that is over (`expireRequests`).
  if (theirs?.relation === 'asked-lately' && theirs.since > now - toldAgainAfter) return
  if (!(await hasRoom(trx, other.id))) return
  await putRow(trx, other.id, userId, { relation: 'asks', since: now })
  changes.touched(other.id, userId)
}

async function settleWithdrawn(trx: Database, changes: ContactChanges, { userId, id, otherId }: ContactRow) {
  await trx.deleteFrom('contact').where('userId', '=', userId).where('id', '=', id).execute()
  if (otherId === null || (await standingRequest(trx, userId, otherId))) return
  const theirs = await findContact(trx, otherId, userId)
  if (theirs?.relation === 'asks') {
    await setRow(trx, theirs, { relation: 'asked-lately' })
    changes.touched(otherId, userId)
  } else if (theirs?.relation === 'blocked' && theirs.before === 'asks')
    await setRow(trx, theirs, { before: null })
}

/** Answers somebody who asks. */
export async function answerContact(
  trx: Database,
  changes: ContactChanges,
  userId: string,
  otherId: string,
  answer: 'accept' | 'decline' | 'block',
  now: number,
): Promise<Handled> {
  const mine = await findContact(trx, userId, otherId)
  if (answer === 'block') return block(trx, changes, mine, now)
  if (mine?.relation === 'asks') {
    if (answer === 'decline') {
      await setRow(trx, mine, { relation: 'declined', since: now })
      changes.touched(userId, otherId)
      return done
    }
    if (!(await standingRequest(trx, otherId, userId)))
      return refused('no-such-contact', 'This request was taken back.')
    await join(trx, changes, userId, otherId, now)
    return done
  }
  if (answer === 'accept') return mine?.relation === 'contact' ? done : gone()
  const isOver = mine === undefined || mine.relation === 'declined' || mine.relation === 'asked-lately'
  return isOver ? done : gone()
}

/** Makes the two contacts of each other, and ends what either has asked. Who has blocked the other has them so still. */
async function join(trx: Database, changes: ContactChanges, one: string, other: string, now: number) {
  for (const [userId, otherId] of [
    [one, other],
    [other, one],
  ] as const) {
    const requests = await trx
      .deleteFrom('contact')
      .where('userId', '=', userId)
      .where('otherId', '=', otherId)
      .where('relation', 'in', ['asked', 'withdrawn'])
      .returning('id')
      .execute()
    for (const { id } of requests) changes.touched(userId, id)
    const row = await findContact(trx, userId, otherId)
    if (row?.relation === 'blocked') await setRow(trx, row, { before: 'contact' })
    else {
      await putRow(trx, userId, otherId, { relation: 'contact', since: now })
      changes.touched(userId, otherId)
    }
  }
  changes.related(one, other)
}

/** What a person may change about one whom they have. */
export type ContactChange =
  | 'favourite'
  | 'no-favourite'
  | 'ring-through'
  | 'no-ring-through'
  | 'remove'
  | 'block'
  | 'unblock'
  | 'withdraw'

/** Changes something about one whom a person has. What is so already is done. */
export async function changeContact(
  trx: Database,
  changes: ContactChanges,
  userId: string,
  id: string,
  change: ContactChange,
  now: number,
): Promise<Handled> {
  const mine = await findContact(trx, userId, id)
  switch (change) {
    case 'favourite':
    case 'no-favourite':
      return mark(trx, changes, mine, { favourite: Number(change === 'favourite') })
    case 'ring-through':
    case 'no-ring-through':
      return mark(trx, changes, mine, { ringsThrough: Number(change === 'ring-through') })
    case 'remove':
      return remove(trx, changes, mine, now)
    case 'block':
      return block(trx, changes, mine, now)
    case 'unblock':
      return unblock(trx, changes, mine, now)
    case 'withdraw':
      return withdraw(trx, changes, mine)
  }
}

async function mark(
  trx: Database,
  changes: ContactChanges,
  mine: ContactRow | undefined,
  marks: { readonly favourite: number } | { readonly ringsThrough: number },
): Promise<Handled> {
  if (mine?.relation !== 'contact') return gone()
  if (Object.entries(marks).every(([key, value]) => mine[key as keyof ContactRow] === value)) return done
  await setRow(trx, mine, marks)
  changes.touched(mine.userId, mine.id)
  return done
}

async function remove(
  trx: Database,
  changes: ContactChanges,
  mine: ContactRow | undefined,
  now: number,
): Promise<Handled> {
  if (mine?.relation === 'removed') return done
  if (mine?.relation !== 'contact') return gone()
  // Who were contacts before the clinic's system linked them do not show it.
  const team = mine.team ?? (await heldBy(trx, mine.userId, [mine.id])).get(mine.id)?.[0]
  if (team !== undefined)
    return refused(
      'bad-request',
      `This contact comes with ${team}, and cannot be removed. You can block them.`,
    )
  const { userId, id: otherId } = mine
  await setRow(trx, mine, { relation: 'removed', since: now, favourite: 0, ringsThrough: 0 })
  changes.touched(userId, otherId)
  await endOnOtherSide(trx, changes, userId, otherId)
  changes.related(userId, otherId)
  return done
}

/** The other does not have this person any more; who has blocked them has nothing to go back to. */
async function endOnOtherSide(trx: Database, changes: ContactChanges, userId: string, otherId: string) {
  const theirs = await findContact(trx, otherId, userId)
  if (theirs?.relation === 'contact') {
    await deleteRow(trx, theirs)
    changes.touched(otherId, userId)
  } else if (theirs?.relation === 'blocked' && theirs.before === 'contact')
    await setRow(trx, theirs, { before: null, team: null })
}

async function block(
  trx: Database,
  changes: ContactChanges,
  mine: ContactRow | undefined,
  now: number,
): Promise<Handled> {
  if (mine?.relation === 'blocked') return done
  if (mine?.relation !== 'contact' && mine?.relation !== 'asks' && mine?.relation !== 'removed') return gone()
  // Nothing of it shows on the other side.
  await setRow(trx, mine, { relation: 'blocked', before: mine.relation, since: now })
  await keepReadMark(trx, mine)
  changes.touched(mine.userId, mine.id)
  changes.related(mine.userId, mine.id)
  return done
}

/** Has the other hear what this person asks them, by whatever name, which they were not told yet. */
const settleAgain = (trx: Database, userId: string, otherId: string) =>
  trx
    .updateTable('contact')
    .set({ toSettle: 1 })
    .where('userId', '=', userId)
    .where('otherId', '=', otherId)
    .where('relation', '=', 'asked')
    .execute()

/** What the other side was told of how far this person has read stays so. */
const keepReadMark = (trx: Database, { userId, id }: ContactRow) =>
  trx
    .updateTable('messageRead')
    .set({ untilBlocked: sql<number>`"until"` })
    .where('userId', '=', userId)
    .where('thread', 'in', (e) =>
      e
        .selectFrom('thread')
        .select('thread.id')
        .where('a', '=', userId < id ? userId : id)
        .where('b', '=', userId < id ? id : userId),
    )
    .execute()

async function unblock(
  trx: Database,
  changes: ContactChanges,
  mine: ContactRow | undefined,
  now: number,
): Promise<Handled> {
  if (mine?.relation !== 'blocked') return done
  const isOver =
    mine.before === null || (mine.before === 'asks' && !(await standingRequest(trx, mine.id, mine.userId)))
  if (mine.before === null || isOver) await deleteRow(trx, mine)
  else await setRow(trx, mine, { relation: mine.before, before: null, since: now })
  // What this person asked them meanwhile, by whatever name, they were not told.
  await settleAgain(trx, mine.userId, mine.id)
  changes.touched(mine.userId, mine.id)
  changes.related(mine.userId, mine.id)
  return done
}

async function withdraw(
  trx: Database,
  changes: ContactChanges,
  mine: ContactRow | undefined,
): Promise<Handled> {
  if (mine === undefined || mine.relation === 'withdrawn') return done
  if (mine.relation !== 'asked') return gone()
  // Settled later, as it was when it was made: how long this takes does not tell whether anybody was asked.
  await setRow(trx, mine, { relation: 'withdrawn', toSettle: 1 })
  changes.touched(mine.userId, mine.id)
  return done
}

/**
 * Takes back requests that nobody answered for long, and forgets what was declined as long ago, and a day after it was
 * told what was taken back: so many at most.
 */
export async function expireRequests(
  trx: Database,
  changes: ContactChanges,
  now: number,
  most: number,
): Promise<boolean> {
  const rows = await trx
    .selectFrom('contact')
    .selectAll()
    // In the words of the index: SQLite uses one that is partial for no list of parameters.
    .where('relation', 'in', [lit('asked'), lit('declined'), lit('asked-lately')])
    .where('since', '<=', now - toldAgainAfter)
    .where((e) => e.or([e('relation', '=', 'asked-lately'), e('since', '<=', now - asksFor)]))
    .limit(most)
    .execute()
  for (const row of rows)
    if (row.relation === 'asked') await withdraw(trx, changes, row)
    else {
      await deleteRow(trx, row)
      if (row.relation === 'asked-lately') await settleAgain(trx, row.id, row.userId)
    }
  return rows.length === most
}

const lit = (relation: 'asked' | 'declined' | 'asked-lately') => sql.lit(relation)

type RowChange = Partial<
  Pick<ContactRow, 'relation' | 'before' | 'since' | 'team' | 'favourite' | 'ringsThrough' | 'toSettle'>
>

const setRow = (trx: Database, { userId, id }: Pick<ContactRow, 'userId' | 'id'>, set: RowChange) =>
  trx.updateTable('contact').set(set).where('userId', '=', userId).where('id', '=', id).execute()

const deleteRow = (trx: Database, { userId, id }: Pick<ContactRow, 'userId' | 'id'>) =>
  trx.deleteFrom('contact').where('userId', '=', userId).where('id', '=', id).execute()

/** The row by which this person has the other, whatever it was before. */
const putRow = (
  trx: Database,
  userId: string,
  otherId: string,
  row: Pick<ContactRow, 'relation' | 'since'>,
) =>
  trx
    .insertInto('contact')
    .values({ userId, id: otherId, otherId, ...row })
    .onConflict((conflict) => conflict.columns(['userId', 'id']).doUpdateSet({ ...row, before: null }))
    .execute()
