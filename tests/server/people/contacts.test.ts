import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { ServerMessage } from '../../../protocol/connection.ts'
import { type AccountChange, mostContacts } from '../../../protocol/people.ts'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { changeUser, deleteUser, insertUser, setDisabledAt } from '../../../server/accounts/user-rows.ts'
import { eventsAfter } from '../../../server/people/account-events.ts'
import { changeContacts } from '../../../server/people/contact-changes.ts'
import { linkPeople, unlinkPeople } from '../../../server/people/links.ts'
import { openPeople } from '../../../server/people/people.ts'
import type { Asker } from '../../../server/people/people-requests.ts'
import { readRelations, relationOf } from '../../../server/people/relation.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, settle } from '../support/people.ts'
import { testClock } from '../support/test-clock.ts'
import { memoryDatabase } from './memory-database.ts'
import { type PeopleDevice, peopleDevice } from './people-device.ts'

const day = 86_400_000
const cleo: NewAccount = { username: 'cleo', email: 'cleo@clinic.example', name: 'Cleo', password: '' }
const dan: NewAccount = { username: 'dan', email: 'dan@clinic.example', name: 'Dan', password: '' }

let devices = 0

/** A device of each of them, told everything. */
async function devicesOf<T extends readonly NewAccount[]>(
  server: InProcessServer,
  ...people: T
): Promise<{ [K in keyof T]: PeopleDevice }> {
  const all = await Promise.all(
    people.map(async (person) => {
      devices += 1
      const device = await peopleDevice(server, person, `device-${devices}`)
      await device.lease()
      device.sync(null)
      await expect.poll(() => device.account.cursor).not.toBe(null)
      return device
    }),
  )
  return all as { [K in keyof T]: PeopleDevice }
}

const ask = (device: PeopleDevice, login: string) => device.request({ what: 'ask-contact', login })
const answer = (device: PeopleDevice, contact: string, how: 'accept' | 'decline' | 'block') =>
  device.request({ what: 'answer-contact', contact, answer: how })
const change = (
  device: PeopleDevice,
  contact: string,
  how: Extract<Parameters<PeopleDevice['request']>[0], { what: 'change-contact' }>['change'],
) => device.request({ what: 'change-contact', contact, change: how })

/** Makes the first a contact of all others. */
async function befriend(one: PeopleDevice, ...others: readonly PeopleDevice[]) {
  for (const other of others) {
    const { name, username } = other.welcome.account
    expect((await ask(one, username ?? '')).type).toBe('done')
    const asking = one.welcome.account.name
    await expect.poll(() => other.account.contacts().some((contact) => contact.name === asking)).toBe(true)
    expect((await answer(other, one.welcome.account.id, 'accept')).type).toBe('done')
    await expect
      .poll(() => one.account.contacts().find((contact) => contact.name === name)?.relation)
      .toBe('contact')
  }
}

/** What a device heard, without what is different each time. */
const told = (frames: readonly ServerMessage[]) =>
  frames.map((frame) =>
    JSON.stringify(frame, (key, value) =>
      ['id', 'n', 'since', 'seq', 'until', 'name'].includes(key) ? typeof value : value,
    ),
  )

test('PC1.2 who is asked may accept: both are contacts, on all devices of both', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  const [annDesk, benDesk] = await devicesOf(server, ann, ben)
  const annHome = await peopleDevice(server, ann, 'ann-home')
  annHome.sync(null)
  expect((await ask(annDesk, '  BEN.b-1 ')).type).toBe('done')
  await annHome.has({ 'BEN.b-1': 'asked' })
  await benDesk.has({ 'Ann Able': 'asks' })
  expect(benDesk.account.contacts()).toMatchObject([{ id: annDesk.welcome.account.id, username: 'ann' }])
  expect((await answer(benDesk, benDesk.idOf('Ann Able'), 'accept')).type).toBe('done')
  for (const device of [annDesk, annHome]) await device.has({ 'Ben Baker': 'contact' })
  await benDesk.has({ 'Ann Able': 'contact' })
  // Done once, though it is said again.
  const { cursor } = benDesk.account
  expect((await answer(benDesk, benDesk.idOf('Ann Able'), 'accept')).type).toBe('done')
  expect(benDesk.account.cursor).toBe(cursor)
  const anew = await peopleDevice(server, ann, 'ann-new')
  anew.sync(null)
  await anew.has({ 'Ben Baker': 'contact' })
})

test('PC1.2 a decline is not told, no further request is shown for 30 days, and whoever asks one who asks them says yes', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  const [annDesk, benDesk] = await devicesOf(server, ann, ben)
  await ask(annDesk, 'ben.b-1')
  await benDesk.has({ 'Ann Able': 'asks' })
  const annId = benDesk.idOf('Ann Able')
  const before = annDesk.account.cursor
  for (let n = 0; n < 2; n += 1) expect((await answer(benDesk, annId, 'decline')).type).toBe('done')
  await benDesk.has({})
  await annDesk.has({ 'ben.b-1': 'asked' })
  expect(annDesk.account.cursor).toBe(before)
  await change(annDesk, annDesk.idOf('ben.b-1'), 'withdraw')
  await ask(annDesk, ben.email)
  await annDesk.has({ [ben.email]: 'asked' })
  server.clock.advance(2_000)
  await annDesk.has({ [ben.email]: 'asked' })
  await benDesk.has({})
  // Who wants it after all has only to ask.
  await ask(benDesk, 'ann')
  await benDesk.has({ 'Ann Able': 'contact' })
  await annDesk.has({ 'Ben Baker': 'contact' })

  await change(annDesk, annDesk.idOf('Ben Baker'), 'remove')
  await benDesk.has({})
  await ask(benDesk, 'ann')
  await annDesk.has({ 'Ben Baker': 'asks' })
  await answer(annDesk, annDesk.idOf('Ben Baker'), 'decline')
  await change(benDesk, benDesk.idOf('ann'), 'withdraw')
  server.clock.advance(30 * day + 60_000)
  const later = await devicesOf(server, ann, ben)
  await ask(later[1], 'ann')
  await later[0].has({ 'Ben Baker': 'asks' })
})

test('PC1.1 whoever asks is told alike of who is there, who is not, is disabled, declined, or has blocked them', async () => {
  const server = await startInProcessServer()
  const [, , cleoId = '', danId = ''] = await settle(server, ann, ben, cleo, dan)
  const [annDesk, benDesk, cleoDesk] = await devicesOf(server, ann, ben, cleo)
  // Cleo has blocked her, and Dan may not sign in.
  await befriend(annDesk, cleoDesk)
  await change(annDesk, cleoId, 'remove')
  await cleoDesk.has({})
  await ask(annDesk, 'cleo')
  await cleoDesk.has({ 'Ann Able': 'asks' })
  await answer(cleoDesk, cleoDesk.idOf('Ann Able'), 'block')
  await change(annDesk, annDesk.idOf('cleo'), 'withdraw')
  await server.db().then((db) => setDisabledAt(db, danId, 1))
  const heard: Record<string, string[]> = {}
  for (const login of ['ben.b-1', 'nobody', 'dan', 'cleo', 'nobody@clinic.example', ben.email]) {
    server.clock.advance(2_000)
    const [alone] = await devicesOf(server, ann)
    alone.newFrames()
    expect((await ask(alone, login)).type).toBe('done')
    server.clock.advance(2_000)
    await expect.poll(() => alone.account.contacts().some(({ name }) => name === login)).toBe(true)
    if (login === 'ben.b-1') {
      await benDesk.has({ 'Ann Able': 'asks' })
      await answer(benDesk, benDesk.idOf('Ann Able'), 'decline')
    }
    await change(alone, alone.idOf(login), 'withdraw')
    server.clock.advance(2_000)
    await expect.poll(() => alone.account.contacts().some(({ name }) => name === login)).toBe(false)
    // What was settled meanwhile is heard by now.
    await alone.lease()
    heard[login] = told(alone.newFrames())
      .filter((frame) => !frame.includes('lease'))
      .sort()
    alone.close()
    await alone.closed()
  }
  expect(heard.nobody).toHaveLength(4)
  for (const frames of Object.values(heard)) expect(frames).toEqual(heard.nobody)
  // Cleo has the request only behind the block.
  await cleoDesk.has({ 'Ann Able': 'blocked' })
})

test('PC1.1 the same statements answer whoever asks, and takes it back, whomever they asked', async () => {
  let statements: string[] = []
  const db = await memoryDatabase((sql) => statements.push(sql))
  const clock = testClock()
  const people = openPeople({ db, clock, log: pino({ level: 'silent' }), bus: { publish: () => {} } })
  const [annId = '', , danId = ''] = await Promise.all(
    [ann, ben, dan].map(({ username, name, email }) =>
      insertUser(db, { username, name, email, emailVerified: true }, 1),
    ),
  )
  await setDisabledAt(db, danId, 1)
  const asker: Asker = { userId: annId, device: 'desk', connection: 'one' }
  const of = async (work: () => Promise<unknown>) => {
    statements = []
    await work()
    return [...statements]
  }
  const done: Record<string, readonly string[][]> = {}
  // The first makes her counter.
  for (const login of ['first', 'ben.b-1', 'nobody', 'dan', ben.email, 'nobody@clinic.example']) {
    const asking = await of(() => people.handlers['ask-contact'](asker, { what: 'ask-contact', login }))
    people.worker.wake()
    await people.worker.tick()
    const { id } = await db
      .selectFrom('contact')
      .select('id')
      .where('userId', '=', annId)
      .where('typed', '=', login)
      .executeTakeFirstOrThrow()
    const withdrawing = await of(() =>
      people.handlers['change-contact'](asker, { what: 'change-contact', contact: id, change: 'withdraw' }),
    )
    people.worker.wake()
    await people.worker.tick()
    done[login] = [asking, withdrawing]
  }
  expect(done.nobody?.map((each) => each.length > 4)).toEqual([true, true])
  for (const each of Object.values(done)) expect(each).toEqual(done.nobody)
})

test('PC1.3 oneself, a contact and somebody blocked are not asked; what was asked already is asked once', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben, cleo)
  const [annDesk, benDesk, cleoDesk] = await devicesOf(server, ann, ben, cleo)
  await befriend(annDesk, benDesk, cleoDesk)
  await change(annDesk, annDesk.idOf('Cleo'), 'block')
  const answers = [
    await ask(annDesk, 'ANN'),
    await ask(annDesk, ann.email),
    await ask(annDesk, 'Ben.B-1'),
    await ask(annDesk, 'cleo'),
  ]
  expect(answers).toMatchObject([
    { why: 'bad-request', message: expect.stringContaining('That is you') },
    { why: 'bad-request', message: expect.stringContaining('That is you') },
    { why: 'bad-request', message: expect.stringContaining('Ben Baker is among your contacts') },
    { why: 'bad-request', message: expect.stringContaining('You have blocked Cleo') },
  ])
  for (const login of ['dan', 'Dan', ' dan ']) expect((await ask(annDesk, login)).type).toBe('done')
  await annDesk.has({ 'Ben Baker': 'contact', Cleo: 'blocked', dan: 'asked' })
})

test('PC1.4 a request that is taken back, or is 30 days old, is gone on both sides, and cannot be accepted', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  const [annDesk, benDesk] = await devicesOf(server, ann, ben)
  await ask(annDesk, 'ben.b-1')
  await benDesk.has({ 'Ann Able': 'asks' })
  const annId = benDesk.idOf('Ann Able')
  const id = annDesk.idOf('ben.b-1')
  for (let n = 0; n < 2; n += 1) expect((await change(annDesk, id, 'withdraw')).type).toBe('done')
  await annDesk.has({})
  await benDesk.has({})
  expect(await answer(benDesk, annId, 'accept')).toMatchObject({ type: 'refused', why: 'no-such-contact' })
  server.clock.advance(day + 60_000)
  const [annNext, benNext] = await devicesOf(server, ann, ben)
  await ask(annNext, 'ben.b-1')
  await benNext.has({ 'Ann Able': 'asks' })
  server.clock.advance(30 * day + 60_000)
  const later = await devicesOf(server, ann, ben)
  await later[0].has({})
  await later[1].has({})
})

test('PC1.4 of requests that are taken back and made again one a day is told, by whatever name, and the last one after that', async () => {
  const db = await memoryDatabase()
  const clock = testClock()
  clock.standStill()
  const people = openPeople({ db, clock, log: pino({ level: 'silent' }), bus: { publish: () => {} } })
  const [annId = '', benId = ''] = await Promise.all(
    [ann, ben].map(({ username, name, email }) =>
      insertUser(db, { username, name, email, emailVerified: true }, clock.wall()),
    ),
  )
  const asker: Asker = { userId: annId, device: 'desk', connection: 'one' }
  const work = async (ms = 1_000) => {
    clock.advance(ms)
    people.worker.wake()
    await people.worker.tick()
  }
  const toldBen = async () => {
    const events = await eventsAfter(db, benId, 0, 200)
    return events === 'too-old' ? [] : events.map(({ change }) => change.kind)
  }
  for (let n = 0; n < 20; n += 1) {
    const login = n % 2 === 0 ? 'ben.b-1' : ben.email
    expect((await people.handlers['ask-contact'](asker, { what: 'ask-contact', login })).kind).toBe('done')
    await work()
    const { id } = await db
      .selectFrom('contact')
      .select('id')
      .where('userId', '=', annId)
      .where('relation', '=', 'asked')
      .executeTakeFirstOrThrow()
    await people.handlers['change-contact'](asker, {
      what: 'change-contact',
      contact: id,
      change: 'withdraw',
    })
    await work()
  }
  expect(await toldBen()).toEqual(['contact', 'contact-gone'])
  await people.handlers['ask-contact'](asker, { what: 'ask-contact', login: 'ben.b-1' })
  await work(day - 120_000)
  expect(await toldBen()).toHaveLength(2)
  await work(180_000)
  await work()
  expect(await toldBen()).toEqual(['contact', 'contact-gone', 'contact'])
  const asked = { what: 'answer-contact', contact: annId, answer: 'accept' } as const
  expect(await people.handlers['answer-contact']({ ...asker, userId: benId }, asked)).toMatchObject({
    kind: 'done',
  })
})

test('PC1.5 a contact who is removed has me no more, and I keep that I removed them; a team’s contact stays', async () => {
  const server = await startInProcessServer()
  const [annId = '', benId = '', cleoId = ''] = await settle(server, ann, ben, cleo)
  const [annDesk, benDesk, cleoDesk] = await devicesOf(server, ann, ben, cleo)
  await befriend(annDesk, benDesk)
  const db = await server.db()
  expect((await relationOf(db, benId, annId)).kind).toBe('contact')
  for (let n = 0; n < 2; n += 1) expect((await change(annDesk, benId, 'remove')).type).toBe('done')
  await annDesk.has({ 'Ben Baker': 'removed' })
  await benDesk.has({})
  expect([(await relationOf(db, benId, annId)).kind, (await relationOf(db, annId, benId)).kind]).toEqual([
    'none',
    'none',
  ])
  await changeContacts(db, 1, (trx, changes) => linkPeople(trx, changes, annId, cleoId, 'Ward 3', 1))
  // Whoever writes it beside the server's back says so by the bus; here the next look finds it.
  server.clock.advance(10_000)
  await annDesk.has({ 'Ben Baker': 'removed', Cleo: 'contact' })
  await cleoDesk.has({ 'Ann Able': 'contact' })
  expect(await change(annDesk, cleoId, 'remove')).toMatchObject({
    why: 'bad-request',
    message: expect.stringContaining('Ward 3'),
  })
  expect((await change(annDesk, cleoId, 'block')).type).toBe('done')
  await annDesk.has({ 'Ben Baker': 'removed', Cleo: 'blocked' })
  await change(annDesk, cleoId, 'unblock')
  await changeContacts(db, 1, (trx, changes) => unlinkPeople(trx, changes, annId, cleoId, 'Ward 3'))
  server.clock.advance(10_000)
  await annDesk.has({ 'Ben Baker': 'removed' })
  await cleoDesk.has({})
})

test('PC1.6 of being blocked the other side hears nothing; unblocking brings back what was, unless they ended it', async () => {
  const server = await startInProcessServer()
  const [annId = '', benId = ''] = await settle(server, ann, ben)
  const [annDesk, benDesk] = await devicesOf(server, ann, ben)
  await befriend(annDesk, benDesk)
  const db = await server.db()
  const before = benDesk.account.cursor
  benDesk.newFrames()
  expect((await change(annDesk, benId, 'block')).type).toBe('done')
  await annDesk.has({ 'Ben Baker': 'blocked' })
  await benDesk.lease()
  expect([benDesk.account.cursor, benDesk.newFrames().map(({ type }) => type)]).toEqual([before, ['lease']])
  expect((await relationOf(db, benId, annId)).kind).toBe('blocks-me')
  expect((await relationOf(db, annId, benId)).kind).toBe('blocked-by-me')
  // Both: whoever unblocks sees somebody who is offline.
  await change(benDesk, annId, 'block')
  await change(annDesk, benId, 'unblock')
  await annDesk.has({ 'Ben Baker': 'contact' })
  expect((await relationOf(db, annId, benId)).kind).toBe('blocks-me')
  await change(annDesk, benId, 'block')
  await change(benDesk, annId, 'unblock')
  await change(benDesk, annId, 'remove')
  await benDesk.has({ 'Ann Able': 'removed' })
  await annDesk.has({ 'Ben Baker': 'blocked' })
  await change(annDesk, benId, 'unblock')
  await annDesk.has({})
  expect((await change(annDesk, benId, 'unblock')).type).toBe('done')
  // Of somebody who asked: the request is back, for as long as it stands.
  await ask(annDesk, 'ben.b-1')
  await benDesk.has({ 'Ann Able': 'asks' })
  await answer(benDesk, annId, 'block')
  await change(benDesk, annId, 'unblock')
  await benDesk.has({ 'Ann Able': 'asks' })
  await answer(benDesk, annId, 'block')
  await change(annDesk, annDesk.idOf('ben.b-1'), 'withdraw')
  await annDesk.has({})
  server.clock.advance(2_000)
  await expect
    .poll(() => db.selectFrom('contact').select('before').where('userId', '=', benId).execute())
    .toEqual([{ before: null }])
  await change(benDesk, annId, 'unblock')
  await benDesk.has({})
})

test('PC1.6 what I ask of somebody whom I have blocked they hear once I unblock them', async () => {
  const server = await startInProcessServer()
  const [annId = '', benId = ''] = await settle(server, ann, ben)
  const [annDesk, benDesk] = await devicesOf(server, ann, ben)
  await befriend(annDesk, benDesk)
  await change(annDesk, benId, 'block')
  await change(benDesk, annId, 'remove')
  await benDesk.has({ 'Ann Able': 'removed' })
  // By an address, which nobody is told the owner of: by name she is told to unblock him.
  expect((await ask(annDesk, ben.email)).type).toBe('done')
  server.clock.advance(2_000)
  await annDesk.has({ 'Ben Baker': 'blocked', [ben.email]: 'asked' })
  await benDesk.has({ 'Ann Able': 'removed' })
  await change(annDesk, benId, 'unblock')
  await annDesk.has({ [ben.email]: 'asked' })
  await benDesk.has({ 'Ann Able': 'asks' })
})

test('PC1.7 favourites and who rings through are one’s own, on all one’s devices', async () => {
  const server = await startInProcessServer()
  const [annId = '', benId = ''] = await settle(server, ann, ben)
  const [annDesk, benDesk] = await devicesOf(server, ann, ben)
  const annHome = await peopleDevice(server, ann, 'ann-home')
  annHome.sync(null)
  await befriend(annDesk, benDesk)
  const before = benDesk.account.cursor
  for (const how of ['favourite', 'ring-through', 'favourite'] as const)
    expect((await change(annDesk, benId, how)).type).toBe('done')
  await expect
    .poll(() => annHome.account.contacts())
    .toMatchObject([{ id: benId, favourite: true, ringsThrough: true }])
  const { cursor } = annHome.account
  const db = await server.db()
  expect([
    (await relationOf(db, benId, annId)).ringsThrough,
    (await relationOf(db, annId, benId)).ringsThrough,
  ]).toEqual([true, false])
  await change(annDesk, benId, 'no-favourite')
  await change(annDesk, benId, 'no-ring-through')
  await expect
    .poll(() => annHome.account.contacts())
    .toMatchObject([{ favourite: false, ringsThrough: false }])
  expect([annHome.account.cursor, benDesk.account.cursor]).toEqual([(cursor ?? 0) + 2, before])
  expect(await change(annDesk, 'nobody', 'favourite')).toMatchObject({ why: 'no-such-contact' })
})

test('PC1.8 who is disabled is nobody’s contact until they are enabled; who is deleted is gone; a new name is told', async () => {
  const server = await startInProcessServer()
  const [annId = '', benId = '', cleoId = ''] = await settle(server, ann, ben, cleo)
  const [annDesk, benDesk, cleoDesk] = await devicesOf(server, ann, ben, cleo)
  await befriend(annDesk, benDesk, cleoDesk)
  const db = await server.db()
  await changeUser(db, benId, { name: 'Ben Nevis' }, 1)
  server.clock.advance(2_000)
  await annDesk.has({ 'Ben Nevis': 'contact', Cleo: 'contact' })
  await setDisabledAt(db, benId, 5)
  expect((await relationOf(db, annId, benId)).kind).toBe('gone')
  server.clock.advance(2_000)
  await annDesk.has({ Cleo: 'contact' })
  await setDisabledAt(db, benId, null)
  server.clock.advance(2_000)
  await annDesk.has({ 'Ben Nevis': 'contact', Cleo: 'contact' })
  await deleteUser(db, cleoId)
  expect((await readRelations(db, annId)).map(({ other }) => other)).toEqual([benId])
  server.clock.advance(2_000)
  await annDesk.has({ 'Ben Nevis': 'contact' })
  expect(await db.selectFrom('contact').select('userId').where('otherId', '=', cleoId).execute()).toEqual([])
  await expect.poll(() => db.selectFrom('personChange').selectAll().execute()).toEqual([])
})

test('PC1.8 somebody whom hundreds have is told of to each of them', async () => {
  const server = await startInProcessServer()
  const [annId = ''] = await settle(server, ann)
  const db = await server.db()
  const others = Array.from({ length: 230 }, (_, n) => ({
    ...{ username: `u${n}`, name: `U ${n}`, email: `u${n}@clinic.example`, password: '' },
  }))
  const ids = await settle(server, ...others)
  await changeContacts(db, 1, async (trx, changes) => {
    for (const id of ids) await linkPeople(trx, changes, annId, id, 'All', 1)
  })
  await changeUser(db, annId, { name: 'Ann Other' }, 1)
  server.clock.advance(2_000)
  const newest = async () => {
    const rows = await db
      .selectFrom('accountEvent')
      .select(['userId', 'change'])
      .where('userId', 'in', ids)
      .execute()
    const renamed = rows.filter(({ change }) => {
      const of = JSON.parse(change) as AccountChange
      return of.kind === 'contact' && of.contact.name === 'Ann Other'
    })
    return new Set(renamed.map(({ userId }) => userId)).size
  }
  await expect.poll(newest).toBe(ids.length)
})

test('PC1.9 a person makes 50 requests in a day, and has 5,000 contacts at most', async () => {
  const server = await startInProcessServer()
  const [annId = ''] = await settle(server, ann, ben)
  const [annDesk, benDesk] = await devicesOf(server, ann, ben)
  for (let n = 0; n < 50; n += 1) {
    expect((await ask(annDesk, `p${n}`)).type).toBe('done')
    server.clock.advance(4_000)
  }
  const refused = await ask(annDesk, 'one-more')
  expect(refused).toMatchObject({ type: 'refused', why: 'too-many-attempts' })
  expect(refused.type === 'refused' && refused.retryAfter).toBeGreaterThan(60)
  server.clock.advance(day / 50)
  const [later] = await devicesOf(server, ann)
  expect((await ask(later, 'one-more')).type).toBe('done')

  const db = await server.db()
  await db.deleteFrom('contact').where('userId', '=', annId).execute()
  const rows = Array.from({ length: mostContacts }, (_, n) => ({
    ...{ userId: annId, id: `${n}`, otherId: null, relation: 'asked' as const, typed: `${n}`, login: `${n}` },
    since: server.clock.wall(),
  }))
  for (let n = 0; n < rows.length; n += 1_000)
    await db
      .insertInto('contact')
      .values(rows.slice(n, n + 1_000))
      .execute()
  server.clock.advance(day)
  const [full] = await devicesOf(server, ann)
  expect(await ask(full, 'x')).toMatchObject({ why: 'too-many-contacts' })
  const [asking] = await devicesOf(server, ben)
  await ask(asking, 'ann')
  server.clock.advance(2_000)
  await asking.has({ ann: 'asked' })
  expect(await db.selectFrom('contact').select('id').where('relation', '=', 'asks').execute()).toEqual([])
  benDesk.close()
})

test('PC1.4 PC1.6 a request that was just taken back is not accepted, and who is accepted by somebody whom they blocked has them blocked', async () => {
  const db = await memoryDatabase()
  const clock = testClock()
  const people = openPeople({ db, clock, log: pino({ level: 'silent' }), bus: { publish: () => {} } })
  const [annId = '', benId = ''] = await Promise.all(
    [ann, ben].map(({ username, name, email }) =>
      insertUser(db, { username, name, email, emailVerified: true }, 1),
    ),
  )
  const by = (userId: string): Asker => ({ userId, device: 'desk', connection: userId })
  const settleAll = async () => {
    people.worker.wake()
    await people.worker.tick()
  }
  const askBen = () => people.handlers['ask-contact'](by(annId), { what: 'ask-contact', login: 'ben.b-1' })
  const changeOf = (contact: string, how: 'withdraw' | 'block' | 'unblock' | 'remove') =>
    people.handlers['change-contact'](by(annId), { what: 'change-contact', contact, change: how })
  const accept = () =>
    people.handlers['answer-contact'](by(benId), { what: 'answer-contact', contact: annId, answer: 'accept' })
  const rows = () =>
    db
      .selectFrom('contact')
      .select(['userId', 'relation', 'before'])
      .orderBy((e) => e.case().when('userId', '=', annId).then(0).else(1).end())
      .execute()

  await askBen()
  await settleAll()
  const { id } = await db
    .selectFrom('contact')
    .select('id')
    .where('userId', '=', annId)
    .executeTakeFirstOrThrow()
  await changeOf(id, 'withdraw')
  // Nobody has told him yet.
  expect(await accept()).toMatchObject({ kind: 'refused', why: 'no-such-contact' })
  await settleAll()
  expect(await rows()).toEqual([{ userId: benId, relation: 'asked-lately', before: null }])
  clock.advance(day + 60_000)
  await settleAll()
  expect(await rows()).toEqual([])

  await askBen()
  await settleAll()
  await accept()
  await changeOf(benId, 'remove')
  await askBen()
  await settleAll()
  await changeOf(benId, 'block')
  expect((await accept()).kind).toBe('done')
  expect(await rows()).toEqual([
    { userId: annId, relation: 'blocked', before: 'contact' },
    { userId: benId, relation: 'contact', before: null },
  ])
  await changeOf(benId, 'unblock')
  expect((await rows()).map(({ relation }) => relation)).toEqual(['contact', 'contact'])
})
