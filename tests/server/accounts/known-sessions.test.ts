import type { KyselyPlugin } from 'kysely'
import { expect, test } from 'vitest'
import { createKnownSessions, lookedAtWithin } from '../../../server/accounts/known-sessions.ts'
import { defaultLifetimes } from '../../../server/accounts/session-lifetimes.ts'
import { deleteSession, insertSession } from '../../../server/accounts/session-rows.ts'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'
import { testClock } from '../support/test-clock.ts'

const hour = 3_600_000

/** So many people with a session each, and how often the database was asked. */
async function knownSessions(people: number, holdBack: () => Promise<void> = async () => {}) {
  const clock = testClock()
  const db = await openTestDatabase(temporaryFolder())
  await db.transaction().execute(async (transaction) => {
    for (let n = 0; n < people; n += 1) {
      const email = `u${n}@example.test`
      const user = { name: `U ${n}`, email, emailVerified: false, username: `u${n}` }
      const userId = await insertUser(transaction, user, clock.wall())
      await insertSession(
        transaction,
        { userId, device: `d${n}`, jkt: 'k', staySignedIn: false, label: '', address: '' },
        defaultLifetimes.transient,
        clock.wall(),
      )
    }
  })
  const sessions = await db.selectFrom('session').select(['id as sessionId', 'userId']).execute()
  let looks = 0
  const counting: KyselyPlugin = {
    transformQuery: ({ node }) => {
      if (node.kind === 'SelectQueryNode') looks += 1
      return node
    },
    transformResult: async ({ result }) => {
      await holdBack()
      return result
    },
  }
  const over: string[] = []
  const known = createKnownSessions({
    db: db.withPlugin(counting),
    clock,
    lifetimes: defaultLifetimes,
    onOver: async ({ sessionId }) => void over.push(sessionId),
    onLooked: async () => {},
  })
  const expiryOf = async (sessionId: string) =>
    Date.parse(
      (
        await db
          .selectFrom('session')
          .select('expiresAt')
          .where('id', '=', sessionId)
          .executeTakeFirstOrThrow()
      ).expiresAt,
    )
  const [first = { sessionId: '', userId: '' }] = sessions
  return { clock, db, known, sessions, first, over, looks: () => looks, expiryOf }
}

test('L4.4 sessions that nobody knows yet are read in one query, and then not at each heartbeat', async () => {
  const { known, sessions, looks } = await knownSessions(1_000)
  const lives = await Promise.all(sessions.map((session) => known.lifeLeft(session, 25_000)))
  expect(Math.min(...lives)).toBeGreaterThan(defaultLifetimes.transient - 60_000)
  expect(looks()).toBe(1)
  for (const session of sessions) expect(known.lifeLeft(session, 25_000)).toBeTypeOf('number')
  expect(looks()).toBe(1)
})

test('L4.4 each of many sessions is looked at again within 10 s, a part of them in each tick', async () => {
  const { clock, db, known, sessions, over, looks } = await knownSessions(2_000)
  await Promise.all(sessions.map((session) => known.lifeLeft(session, 0)))
  await db.deleteFrom('session').execute()
  const ticks = lookedAtWithin / 100
  for (let n = 0; n < ticks - 1; n += 1) {
    clock.advance(100)
    await known.tick()
  }
  expect(new Set(over).size).toBe(sessions.length)
  expect(looks()).toBeLessThan(1 + ticks)
})

test('L4.4 of many sessions of which nothing has changed one look asks for all at once, and finds whichever is over', async () => {
  const { clock, db, known, sessions, over, looks } = await knownSessions(600)
  await Promise.all(sessions.map((session) => known.lifeLeft(session, 0)))
  const lookAtAll = async () => {
    clock.advance(9_500)
    for (let n = 0; n < 2; n += 1) await known.tick()
  }
  const before = looks()
  await lookAtAll()
  expect(looks() - before).toBeLessThanOrEqual(2)
  const [ended, disabled, shortened, others] = [sessions[7], sessions[300], sessions[599], sessions.slice(8)]
  await db
    .deleteFrom('session')
    .where('id', '=', ended?.sessionId ?? '')
    .execute()
  await db
    .updateTable('user')
    .set({ disabledAt: clock.wall() })
    .where('id', '=', disabled?.userId ?? '')
    .execute()
  const expiresAt = new Date(clock.wall() + 30_000).toISOString()
  await db
    .updateTable('session')
    .set({ expiresAt })
    .where('id', '=', shortened?.sessionId ?? '')
    .execute()
  await lookAtAll()
  expect(over).toEqual([ended?.sessionId, disabled?.sessionId])
  expect(await known.lifeLeft(shortened ?? { sessionId: '', userId: '' }, 0)).toBeLessThanOrEqual(30_000)
  expect(known.lifeLeft(others[0] ?? { sessionId: '', userId: '' }, 25_000)).toBeTypeOf('number')
})

test('A2.10 a session that is made shorter is known to be before it ends', async () => {
  const { clock, db, known, first } = await knownSessions(1)
  await known.lifeLeft(first, 0)
  const endsAt = clock.wall() + 100_000
  await db
    .updateTable('session')
    .set({ expiresAt: new Date(endsAt).toISOString() })
    .execute()
  for (let n = 0; n < 12; n += 1) {
    clock.advance(9_500)
    await known.tick()
    const most = Math.max(0, endsAt - clock.wall())
    const left = await known.lifeLeft(first, 25_000)
    if (most < 50_000) expect(left).toBeLessThanOrEqual(most)
  }
})

test('A2.2 a session that is used while it is known lives longer; another does not', async () => {
  const { clock, known, sessions, first, expiryOf } = await knownSessions(2)
  const other = sessions[1] ?? first
  await known.lifeLeft(first, 0)
  await known.lifeLeft(other, 0)
  const before = await expiryOf(first.sessionId)
  clock.advance(hour)
  await known.tick()
  expect(await expiryOf(first.sessionId)).toBe(before)
  await known.lifeLeft(first, 0)
  clock.advance(lookedAtWithin)
  await known.tick()
  expect(await expiryOf(first.sessionId)).toBeGreaterThanOrEqual(before + hour)
  expect(await expiryOf(other.sessionId)).toBeLessThan(before + 1_000)
})

test('L4.4 what a look found that began before a session may have changed is not believed after', async () => {
  let release: (() => void) | undefined
  let holds = false
  const { db, known, first } = await knownSessions(1, () =>
    holds ? new Promise((resolve) => (release = resolve)) : Promise.resolve(),
  )
  await known.lifeLeft(first, 0)
  holds = true
  // Read, and on its way back, when the session ends.
  const early = known.lifeLeft(first, defaultLifetimes.transient * 2)
  await expect.poll(() => release).toBeDefined()
  holds = false
  await deleteSession(db, first.sessionId)
  expect(await known.reread(first)).toBe(0)
  release?.()
  expect(await early).toBeGreaterThan(0)
  expect(await known.lifeLeft(first, 25_000)).toBe(0)
})

test('R4.6 L4.4 what was read besides is believed as a look is: for 10 s, and not where the session may have changed since, is over or is to be lengthened', async () => {
  const { clock, db, known, first, looks } = await knownSessions(1)
  const row = { id: first.sessionId, expiresAt: '', seenAt: clock.wall(), staySignedIn: 0 }
  const lasts = { ...row, expiresAt: new Date(clock.wall() + 4 * hour).toISOString() }
  known.readBesides(first)(lasts)
  expect(known.lifeLeft(first, 25_000)).toBeTypeOf('number')
  clock.advance(lookedAtWithin)
  expect(await known.lifeLeft(first, 25_000)).toBeGreaterThan(0)
  expect(looks()).toBe(1)
  for (const doubtful of [
    undefined,
    { ...lasts, expiresAt: new Date(clock.wall()).toISOString() },
    { ...lasts, seenAt: clock.wall() - 3 * hour },
  ]) {
    const before = looks()
    known.forget(first.sessionId)
    known.readBesides(first)(doubtful)
    await known.lifeLeft(first, 25_000)
    expect(looks()).toBe(before + 1)
  }
  const take = known.readBesides(first)
  await deleteSession(db, first.sessionId)
  expect(await known.reread(first)).toBe(0)
  take(lasts)
  expect(await known.lifeLeft(first, 25_000)).toBe(0)
})

test('L4.4 a session that nobody is here by any more is not looked at', async () => {
  const { clock, known, first, looks } = await knownSessions(1)
  await known.lifeLeft(first, 0)
  known.forget(first.sessionId)
  clock.advance(lookedAtWithin)
  await known.tick()
  expect(looks()).toBe(1)
})
