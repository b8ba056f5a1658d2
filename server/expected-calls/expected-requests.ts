import { randomUUID } from 'node:crypto'
import { longestAhead } from '../../protocol/people.ts'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../clock.ts'
import { bucketsOf } from '../database/shared-buckets.ts'
import type { Database } from '../database/tables.ts'
import type { BucketSize } from '../leaky-bucket.ts'
import { type Appended, appendEvents, type ChangeOf, publishEvents } from '../people/account-events.ts'
import { inAccountTurns } from '../people/account-turns.ts'
import { turnsWith } from '../people/contact-rows.ts'
import { endExpected, expectedChanges, hideFromCallee } from '../people/expected-call-rows.ts'
import { done, type Handled, type PeopleHandlers, refused } from '../people/people-requests.ts'
import { relationOf } from '../people/relation.ts'

export interface ExpectedRequestDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly bus: Pick<Bus, 'publish'>
}

/** So many calls a person may announce at once, and then so many in a second. */
const announcing: BucketSize = { atOnce: 20, perSecond: 1 / 30 }

/** So many calls of one person to another are expected at once, and so many of theirs in all. */
const mostToOne = 5
const mostOfOne = 50

/** Why no call can be announced for then, a sentence; undefined where one can. */
export function whyNotAt(at: number, now: number): string | undefined {
  if (at <= now) return 'That moment is over. Choose a later one.'
  return at > now + longestAhead ? 'A call is announced a year ahead at most.' : undefined
}

/** What devices ask for about calls that are expected. */
export function expectedRequests(
  dependencies: ExpectedRequestDependencies,
): PeopleHandlers<'expect-call' | 'cancel-expected'> {
  const { db, clock, bus } = dependencies
  const rate = bucketsOf(dependencies, 'expected-of', announcing)

  const tell = ({ handled, appended }: Written): Handled => {
    publishEvents(bus, appended)
    return handled
  }

  return {
    async 'expect-call'({ userId }, { contact, at }) {
      const now = clock.wall()
      const why = whyNotAt(at, now)
      if (why !== undefined) return refused('bad-request', why)
      // What was announced already costs nothing, so that it is always safe to say it again.
      if (await isAnnounced(db, userId, contact, at)) return done
      const wait = await rate.pour(userId)
      if (wait > 0)
        return refused(
          'too-many-attempts',
          'You have announced many calls in a short time. Wait a moment, and try again.',
          Math.ceil(wait / 1_000),
        )
      return tell(
        await inAccountTurns(db, await turnsWith(db, userId, contact), (trx) =>
          announce(trx, { callerId: userId, userId: contact, at }, now),
        ),
      )
    },
    async 'cancel-expected'({ userId }, { expected }) {
      const row = await db
        .selectFrom('expectedCall')
        .selectAll()
        .where('id', '=', expected)
        .executeTakeFirst()
      if (row?.userId !== userId && row?.callerId !== userId)
        return refused('bad-request', 'There is no such call.')
      const others = row.callerId === userId ? row.userId : userId
      return tell(
        await inAccountTurns(db, [userId, others], (trx) => cancel(trx, userId, expected, clock.wall())),
      )
    },
  }
}

interface Written {
  readonly handled: Handled
  readonly appended: Appended
}

const nothing = (handled: Handled): Written => ({ handled, appended: new Map() })

const isAnnounced = async (db: Database, callerId: string, userId: string, at: number): Promise<boolean> =>
  (await db
    .selectFrom('expectedCall')
    .select('id')
    .where('callerId', '=', callerId)
    .where('userId', '=', userId)
    .where('at', '=', at)
    .where('endedAt', 'is', null)
    .executeTakeFirst()) !== undefined

async function announce(
  trx: Database,
  { callerId, userId, at }: { readonly callerId: string; readonly userId: string; readonly at: number },
  now: number,
): Promise<Written> {
  const { kind } = await relationOf(trx, callerId, userId)
  if (kind !== 'contact' && kind !== 'blocks-me')
    return nothing(refused('no-such-contact', 'This person is not among your contacts.'))
  const own = await trx
    .selectFrom('expectedCall')
    .select(['userId', 'at'])
    .where('callerId', '=', callerId)
    .where('endedAt', 'is', null)
    .execute()
  const toThem = own.filter((row) => row.userId === userId)
  if (toThem.some((row) => row.at === at)) return nothing(done)
  if (toThem.length >= mostToOne)
    return nothing(
      refused('bad-request', `You have announced ${mostToOne} calls to them already. Take one back first.`),
    )
  if (own.length >= mostOfOne)
    return nothing(
      refused('bad-request', `You have announced ${mostOfOne} calls already. Take one back first.`),
    )
  const shown = kind === 'contact' ? 1 : 0
  const row = await trx
    .insertInto('expectedCall')
    .values({
      ...{ id: randomUUID(), userId, callerId, at, state: 'expected', shown, madeAt: now },
      ...{ apiKeyId: null, idempotencyKey: null, to: null, from: null },
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return { handled: done, appended: await appendEvents(trx, await expectedChanges(trx, [row]), now) }
}

/** Whoever announced it takes it back for both; whom it is for has it off their own list, and nobody else learns that. */
async function cancel(trx: Database, userId: string, id: string, now: number): Promise<Written> {
  const row = await trx
    .selectFrom('expectedCall')
    .selectAll()
    .where('id', '=', id)
    .where('endedAt', 'is', null)
    .executeTakeFirst()
  if (!row) return nothing(done)
  const changes: ChangeOf[] = []
  if (row.callerId === userId)
    changes.push(...(await expectedChanges(trx, await endExpected(trx, [id], 'cancelled', now))))
  else if (row.shown === 1) changes.push(await hideFromCallee(trx, row))
  return { handled: done, appended: await appendEvents(trx, changes, now) }
}
