import { sql } from 'kysely'
import { readyBefore } from '../../protocol/people.ts'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../clock.ts'
import { hasClockLeapt } from '../database/clock-leap.ts'
import type { ExpectedCallRow } from '../database/expected-call-tables.ts'
import { isAmong } from '../database/is-among.ts'
import type { Database } from '../database/tables.ts'
import type { Log } from '../log.ts'
import { appendEvents, publishEvents } from '../people/account-events.ts'
import { inAccountTurns } from '../people/account-turns.ts'
import { endExpected, expectedChanges } from '../people/expected-call-rows.ts'
import { readStatuses } from '../people/status-rows.ts'
import { createWatchedPeople } from '../people/watching/watched-people.ts'
import { enqueueExpected } from './announced-calls.ts'
import { type Decision, decide, type Reach, settledAfter } from './expected-call-decision.ts'
import { enqueueExpectedMail, mailedOfLate } from './expected-mails.ts'

/** What is due is looked at this often, in ms; whose key or person is gone is, this often. */
const lookEvery = 2_000
const sweepEvery = 60_000

/** So many expected calls are read at once, and so many of them changed in one transaction. */
const mostReadAtOnce = 5_000
const atOnce = 25

/** A call that is answered by the time its expected one is looked for was placed no longer before, in ms. */
const placedWithin = 5 * 60_000

export interface ExpectedCallWatchDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly bus: Pick<Bus, 'subscribe' | 'publish' | 'isConnected' | 'onConnection'>
  /** Whether the server is one node of several. */
  readonly hasOthers: boolean
  /** Whether all nodes tell of leases. */
  readonly doAllTell?: (() => boolean) | undefined
  /** Whether this server is the one that looks: of several nodes one does. What two do at once is done once. */
  readonly isLeading: () => boolean
}

/** Looks whether those for whom a call is expected can be reached, and says so to whom it concerns; ends what is over. */
export interface ExpectedCallWatch {
  /** @returns once a look that was due is over. Never rejects. */
  tick(): Promise<void>
  /** How many people are watched for it. */
  readonly watched: number
}

/** Since when, monotonic ms; `reachable` and `unknown` are so now. */
type Since = 'reachable' | 'unknown' | number

interface WatchedCallee {
  readonly end: () => void
  unreachable: Since
  unseen: Since
}

export function openExpectedCallWatch({
  db,
  clock,
  log,
  bus,
  hasOthers,
  doAllTell,
  isLeading,
}: ExpectedCallWatchDependencies): ExpectedCallWatch {
  const people = createWatchedPeople({
    ...{ clock, bus, hasOthers, doAllTell },
    onLeases: () => {},
    onStatus: () => {},
  })
  bus.onConnection(() => people.askAnew())
  const watched = new Map<string, WatchedCallee>()
  let lookAt = clock.monotonic()
  let sweepAt = clock.monotonic()
  let underWay = false

  const watch = (userIds: ReadonlySet<string>) => {
    for (const [userId, { end }] of watched) {
      if (userIds.has(userId)) continue
      end()
      watched.delete(userId)
    }
    for (const userId of userIds)
      if (!watched.has(userId))
        watched.set(userId, { end: people.watch(userId), unreachable: 'unknown', unseen: 'unknown' })
  }

  /** Who is invisible is seen as who is offline, from the same moment on. */
  const observe = (userId: string, callee: WatchedCallee, isInvisible: boolean) => {
    const now = clock.monotonic()
    const isReachable = people.leases(userId).length > 0
    const isKnown = people.isAsked(userId)
    const next = (before: Since, isSo: boolean): Since => {
      if (isSo) return 'reachable'
      if (!isKnown) return 'unknown'
      return typeof before === 'number' ? before : now
    }
    callee.unreachable = next(callee.unreachable, isReachable)
    callee.unseen = next(callee.unseen, isReachable && !isInvisible)
  }

  const forHowLong = (since: Since): number | null => {
    if (since === 'unknown') return null
    return since === 'reachable' ? 0 : clock.monotonic() - since
  }

  const look = async () => {
    const now = clock.wall()
    const rows = await readDue(db, now)
    const callees = new Set(rows.map(({ userId }) => userId))
    watch(callees)
    if (rows.length === 0) return
    const statuses = await readStatuses(db, [...callees], now)
    const reaches = new Map<string, Reach>()
    for (const [userId, callee] of watched) {
      const status = statuses.get(userId)
      observe(userId, callee, status?.status === 'invisible')
      reaches.set(userId, {
        unreachableFor: forHowLong(callee.unreachable),
        unseenFor: forHowLong(callee.unseen),
        busyUntil: status?.status === 'busy' ? status.until : null,
      })
    }
    const came = await findCame(db, rows, now)
    const mailed = await mailedOfLate(db, [...callees], now)
    const unknown: Reach = { unreachableFor: null, unseenFor: null, busyUntil: null }
    const decided = rows.flatMap((row) => {
      const reach = reaches.get(row.userId) ?? unknown
      const decision = decide(row, reach, came.has(row.id), mailed.has(row.userId), now)
      return Object.keys(decision).length > 0 ? [{ row, decision }] : []
    })
    // By a clock that was set by mistake nothing is over.
    const isHeld = decided.some(hasPassed) && (await hasClockLeapt(db, now))
    const due = isHeld ? decided.filter((one) => !hasPassed(one)) : decided
    for (const some of inParts(due)) await attempt(() => write(some, now))
  }

  const write = async (decided: readonly Decided[], now: number) => {
    const userIds = decided.flatMap(({ row }) => [
      row.userId,
      ...(row.callerId === null ? [] : [row.callerId]),
    ])
    const appended = await inAccountTurns(db, userIds, async (trx) => {
      const ended: ExpectedCallRow[] = []
      for (const { row, decision } of decided) {
        if (decision.end !== undefined) ended.push(...(await endExpected(trx, [row.id], decision.end, now)))
        else if (decision.risk !== undefined) await tellRisk(trx, row.id, decision.risk, now)
      }
      for (const row of ended) await enqueueExpected(trx, row, 'ended', now)
      const mailed = Map.groupBy(
        decided.filter(({ decision }) => decision.mail === true),
        ({ row }) => row.userId,
      )
      for (const [userId, theirs] of mailed) {
        const calls = theirs.map(({ row }) => row.id)
        await enqueueExpectedMail(trx, userId, calls, now)
      }
      return appendEvents(trx, await expectedChanges(trx, ended), now)
    })
    publishEvents(bus, appended)
  }

  /** Of a key that was revoked, or is for other people by now, nothing is expected, nor of an account that is deleted. */
  const sweep = async () => {
    if (clock.monotonic() < sweepAt) return
    const now = clock.wall()
    const ids = await findStray(db)
    for (const some of inParts(ids))
      await attempt(async () => {
        const appended = await inAccountTurns(db, [], async (trx) => {
          const ended = await endExpected(trx, some, 'cancelled', now)
          for (const row of ended) await enqueueExpected(trx, row, 'ended', now)
          return appendEvents(trx, await expectedChanges(trx, ended), now)
        })
        publishEvents(bus, appended)
      })
    if (ids.length < mostReadAtOnce) sweepAt = clock.monotonic() + sweepEvery
  }

  /** What fails keeps nothing else from being done, and is tried again at the next look. */
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work()
    } catch (err) {
      log.error({ err }, 'what is so of an expected call could not be written yet')
    }
  }

  const work = async () => {
    await attempt(look)
    await attempt(sweep)
  }

  return {
    async tick() {
      if (!bus.isConnected || !isLeading()) return watch(new Set())
      people.tick()
      if (underWay || clock.monotonic() < lookAt) return
      lookAt = clock.monotonic() + lookEvery
      underWay = true
      await work()
      underWay = false
    },
    get watched() {
      return watched.size
    },
  }
}

interface Decided {
  readonly row: ExpectedCallRow
  readonly decision: Decision
}

const hasPassed = ({ decision }: Decided): boolean => decision.end === 'passed'

function* inParts<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let first = 0; first < all.length; first += atOnce) yield all.slice(first, first + atOnce)
}

/**
 * All whose person ought to be reachable now, or soon, those of one person after one another: however many one key
 * announced, those of others are among them.
 */
async function readDue(db: Database, now: number): Promise<ExpectedCallRow[]> {
  const rows: ExpectedCallRow[] = []
  for (;;) {
    const { at, id } = rows.at(-1) ?? { at: 0, id: '' }
    const more = await db
      .selectFrom('expectedCall')
      .selectAll()
      .where('endedAt', 'is', null)
      .where('at', '>=', at)
      .where('at', '<=', now + readyBefore + settledAfter)
      .where((e) => e.or([e('at', '>', at), e('id', '>', id)]))
      .orderBy('at')
      .orderBy('id')
      .limit(mostReadAtOnce)
      .execute()
    for (const row of more) rows.push(row)
    if (more.length < mostReadAtOnce) break
  }
  return [...Map.groupBy(rows, ({ userId }) => userId).values()].flat()
}

/** The program hears what it was not told yet. */
async function tellRisk(trx: Database, id: string, isAtRisk: boolean, now: number): Promise<void> {
  const atRisk = Number(isAtRisk)
  const row = await trx
    .updateTable('expectedCall')
    .set({ atRisk })
    .where('id', '=', id)
    .where('atRisk', '=', 1 - atRisk)
    .where('endedAt', 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (row) await enqueueExpected(trx, row, isAtRisk ? 'at-risk' : 'reachable', now)
}

/**
 * Which of these came: of two contacts one answered the other, or somebody answered a program of the same clinic, from ten
 * minutes before the time on.
 */
export async function findCame(
  db: Database,
  rows: readonly ExpectedCallRow[],
  now: number,
): Promise<ReadonlySet<string>> {
  const near = rows.filter(({ at }) => at <= now + readyBefore)
  if (near.length === 0) return new Set()
  const [answered, domains] = await Promise.all([
    readAnswered(db, near),
    readDomains(db, [...new Set(near.flatMap(({ apiKeyId }) => apiKeyId ?? []))]),
  ])
  const byCallee = Map.groupBy(answered, ({ userId }) => userId)
  const isBetween = (row: ExpectedCallRow, caller: string | null, callee: string | null) =>
    byCallee.get(callee ?? '')?.some((call) => call.callerId === caller && isInTime(row, call)) === true
  const isOfClinic = ({ userId, apiKeyId, ...row }: ExpectedCallRow) => {
    const domain = domains.get(apiKeyId ?? '')
    return (
      domain !== undefined &&
      byCallee.get(userId)?.some((call) => call.domain === domain && isInTime(row, call)) === true
    )
  }
  const came = near.filter((row) =>
    row.callerId === null
      ? isOfClinic(row)
      : isBetween(row, row.callerId, row.userId) || isBetween(row, row.userId, row.callerId),
  )
  return new Set(came.map(({ id }) => id))
}

interface AnsweredCall {
  readonly userId: string
  readonly callerId: string | null
  readonly at: number
  readonly endedAt: number | null
  /** Of the key that placed it, as `readDomains` has it; null of a person's, and of a key that is gone. */
  readonly domain: string | null
}

const isInTime = (expected: Pick<ExpectedCallRow, 'at'>, { at, endedAt }: AnsweredCall): boolean =>
  (endedAt ?? 0) >= expected.at - readyBefore && at >= expected.at - readyBefore - placedWithin

/** The answered calls to anybody of these. They are asked by person: what a plan made of all at once read every call. */
async function readAnswered(db: Database, rows: readonly ExpectedCallRow[]): Promise<AnsweredCall[]> {
  const people = new Set(
    rows.flatMap(({ userId, callerId }) => (callerId === null ? [userId] : [userId, callerId])),
  )
  const oldest = Math.min(...rows.map(({ at }) => at)) - readyBefore - placedWithin
  const calls = await db
    .selectFrom('call')
    .select(['userId', 'callerId', 'placedBy', 'at', 'endedAt'])
    .where(isAmong(db, 'userId', [...people]))
    .where('at', '>=', oldest)
    .where('state', '=', 'answered')
    .execute()
  const keys = calls.flatMap(({ callerId, placedBy }) => (callerId === null ? [placedBy] : []))
  const domains = await readDomains(db, [...new Set(keys)])
  return calls.map(({ placedBy, ...call }) => ({
    ...call,
    domain: call.callerId === null ? (domains.get(placedBy) ?? null) : null,
  }))
}

/** By key, for whose people it is: the empty text for one of the whole service. */
async function readDomains(db: Database, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (keys.length === 0) return new Map()
  const rows = await db
    .selectFrom('apiKey')
    .select(['id', 'provisioningDomain'])
    .where(isAmong(db, 'id', keys))
    .execute()
  return new Map(rows.map(({ id, provisioningDomain }) => [id, provisioningDomain ?? '']))
}

/** What a program announced that may not reach its person any more. */
async function findStray(db: Database): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('expectedCall')
    .innerJoin('user', 'user.id', 'expectedCall.userId')
    .leftJoin('apiKey', 'apiKey.id', 'expectedCall.apiKeyId')
    .leftJoin('scimOwner', 'scimOwner.userId', 'expectedCall.userId')
    .select('expectedCall.id')
    .where('expectedCall.endedAt', 'is', null)
    .where((e) =>
      e.or([
        e('user.deletedAt', 'is not', null),
        e.and([e('expectedCall.apiKeyId', 'is not', null), e('apiKey.id', 'is', null)]),
        e.and([
          e('apiKey.provisioningDomain', 'is not', null),
          e(
            e.fn.coalesce('scimOwner.provisioningDomain', sql<string>`''`),
            '<>',
            e.ref('apiKey.provisioningDomain'),
          ),
        ]),
      ]),
    )
    .limit(mostReadAtOnce)
    .execute()
  return rows.map(({ id }) => id)
}
