import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { ExpectedCall } from '../../protocol/people.ts'
import { anonymizeUser, insertUser } from '../../server/accounts/user-rows.ts'
import { createInProcessBus } from '../../server/bus/in-process-bus.ts'
import { presenceSubject } from '../../server/bus/presence-message.ts'
import type { Database } from '../../server/database/tables.ts'
import {
  announceCall,
  announcedById,
  cancelAnnounced,
  listAnnounced,
  mostOfPerson,
} from '../../server/expected-calls/announced-calls.ts'
import { openExpectedCallWatch } from '../../server/expected-calls/expected-call-watch.ts'
import { expectedToTell } from '../../server/expected-calls/expected-mails.ts'
import { expectedRequests } from '../../server/expected-calls/expected-requests.ts'
import { deleteOldExpectedCalls } from '../../server/expected-calls/expected-retention.ts'
import { eventsAfter } from '../../server/people/account-events.ts'
import { expectedItems } from '../../server/people/expected-call-rows.ts'
import { openPeople } from '../../server/people/people.ts'
import { testClock } from '../server/support/test-clock.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const log = pino({ level: 'silent' })

/** Several servers of one service, each of which looks at what is expected, and people who announce calls to one another. */
async function service(open: () => Promise<readonly [Database, ...Database[]]>) {
  const servers = await open()
  const [db] = servers
  const clock = testClock()
  clock.standStill()
  const bus = createInProcessBus((_, error) => {
    throw error
  })
  const requests = servers.map((own) => expectedRequests({ db: own, clock, bus }))
  const watches = servers.map((own) =>
    openExpectedCallWatch({ db: own, clock, log, bus, hasOthers: false, isLeading: () => true }),
  )
  const people = openPeople({ db, clock, log, bus })
  const at = (n: number) => {
    const found = requests[n % requests.length]
    if (!found) throw new Error('there is no server')
    return found
  }
  const asker = (userId: string) => ({ userId, device: 'd', connection: 'c' })
  const relate = (userId: string, id: string, relation: 'contact' | 'blocked') =>
    db
      .insertInto('contact')
      .values({ userId, id, otherId: id, relation, since: 1 })
      .onConflict((c) => c.columns(['userId', 'id']).doUpdateSet({ relation, before: 'contact' }))
      .execute()
  const person = (name: string) =>
    insertUser(
      db,
      { username: name, name, email: `${name}@clinic.example`, emailVerified: true },
      clock.wall(),
    )
  const key = async (id: string, provisioningDomain: string | null = null) => {
    await db
      .insertInto('apiKey')
      .values({
        ...{ id, name: id, hash: id, scope: 'expected-calls', provisioningDomain },
        ...{ emailDomains: null, mostPeople: null, createdAt: 1, usedAt: null },
      })
      .execute()
    return id
  }

  /** A device of theirs has answered a heartbeat, at some node, or none is there any more. */
  const lease = (userId: string, left = 15 * second) =>
    bus.publish(presenceSubject(userId), {
      kind: 'leases',
      node: 'n',
      isWatched: true,
      leases: left > 0 ? [{ left, idle: false }] : [],
    })

  return {
    ...{ db, servers, clock, bus, relate, person, key, lease },
    /** Two who are contacts. */
    async pair() {
      const [ann, ben] = [await person('ann'), await person('ben')]
      await relate(ann, ben, 'contact')
      await relate(ben, ann, 'contact')
      return { ann, ben }
    },
    expectCall: (userId: string, contact: string, when: number, server = 0) =>
      at(server)['expect-call'](asker(userId), { what: 'expect-call', contact, at: when }),
    cancel: (userId: string, expected: string, server = 0) =>
      at(server)['cancel-expected'](asker(userId), { what: 'cancel-expected', expected }),
    change: (userId: string, contact: string, change: 'remove' | 'block' | 'unblock') =>
      people.handlers['change-contact'](asker(userId), { what: 'change-contact', contact, change }),
    choose: (userId: string, status: 'available' | 'invisible') =>
      people.handlers['set-status'](asker(userId), { what: 'set-status', status, until: null }),
    /** The other side of changes of people hears. */
    async settle() {
      clock.advance(2 * second)
      await people.worker.tick()
    },
    announce: (call: {
      apiKeyId: string
      userId: string
      at: number
      idempotencyKey?: string
      from?: string
    }) =>
      announceCall({ db, clock, bus }, { to: 'somebody', from: 'Dr Bell', idempotencyKey: null, ...call }),
    /** What an account was told of expected calls, in order. */
    async events(userId: string): Promise<ExpectedCall[]> {
      const found = await eventsAfter(db, userId, 0, 2_000)
      if (found === 'too-old') throw new Error('events are missing')
      return found.flatMap(({ change }) => (change.kind === 'expected' ? [change.expected] : []))
    },
    /** Lets time pass, while all servers look at once. @param leased of whom devices go on to answer. */
    async pass(ms: number, ...leased: readonly string[]) {
      const step = ms > 5 * minute ? 10 * second : 2 * second
      for (let passed = 0; passed < ms; passed += step) {
        clock.advance(step)
        for (const userId of leased) lease(userId)
        await Promise.all(watches.map((watch) => watch.tick()))
      }
    },
    mails: () => db.selectFrom('mail').select(['userId', 'kind', 'values', 'madeAt']).execute(),
    /** By event: how often a webhook of the key was told. */
    async told(webhookId: string) {
      const rows = await db
        .selectFrom('webhookDelivery')
        .select('event')
        .where('webhookId', '=', webhookId)
        .orderBy('madeAt')
        .execute()
      return rows.map(({ event }) => event.replace('expected-call.', ''))
    },
    webhook: async (apiKeyId: string) => {
      const events = 'expected-call.at-risk expected-call.reachable expected-call.ended'
      const id = `${apiKeyId}-hook`
      await db
        .insertInto('webhook')
        .values({ ...{ id, apiKeyId, url: 'https://a.example', events, secret: '' }, createdAt: 1 })
        .execute()
      return id
    },
    answered: (call: { userId: string; callerId: string | null; placedBy: string }) =>
      db
        .insertInto('call')
        .values({
          ...{ id: crypto.randomUUID(), owner: null, to: 'x', from: 'x', idempotencyKey: null, waitFor: 0 },
          ...{ callerDevice: null, hidden: null, reply: null, answerKey: null, busyUntil: null, devices: 1 },
          ...{
            byDevice: 'd',
            appearance: null,
            room: crypto.randomUUID(),
            seenAt: null,
            mailedAt: null,
            why: null,
          },
          ...{ state: 'answered', disposition: 'ringing', deadline: clock.wall() },
          ...{ at: clock.wall(), endedAt: clock.wall(), ...call },
        })
        .execute(),
  }
}

const is = (kind: 'done' | 'refused', why?: string) => (why === undefined ? { kind } : { kind, why })

/**
 * What expected calls must do on every database.
 *
 * @param open gives a fresh one, as each of two servers has it.
 */
export function expectedCallContract(open: () => Promise<readonly [Database, ...Database[]]>): void {
  test('PN1.1 PN1.6 a call that is announced at two servers at once is one, and both sides are told of it once', async () => {
    const { pair, expectCall, events, clock, db } = await service(open)
    const { ann, ben } = await pair()
    const at = clock.wall() + hour
    const said = await Promise.all(Array.from({ length: 6 }, (_, n) => expectCall(ann, ben, at, n)))
    for (const answer of said) expect(answer).toMatchObject(is('done'))
    const [toBen, ...more] = await events(ben)
    expect(toBen).toMatchObject({ at, by: 'ann', contact: ann, gone: false })
    expect(toBen?.mine).toBeUndefined()
    expect(await events(ann)).toEqual([
      { id: toBen?.id, at, by: 'ben', contact: ben, mine: true, gone: false },
    ])
    expect(more).toEqual([])
    expect(await expectedItems(db, ben)).toEqual([{ kind: 'expected', expected: toBen }])
    expect(await expectedItems(db, ann)).toEqual(
      (await events(ann)).map((expected) => ({ kind: 'expected', expected })),
    )
    // Another moment is another call.
    await expectCall(ann, ben, at + minute)
    expect(await expectedItems(db, ben)).toHaveLength(2)
  })

  test('PN1.2 what is over, too far away, too many, or to nobody’s contact is refused, and nothing is written', async () => {
    const { pair, expectCall, clock, db, person, relate } = await service(open)
    const { ann, ben } = await pair()
    const eve = await person('eve')
    const now = clock.wall()
    for (const at of [0, now - minute, now, now + 367 * day, Number.MAX_SAFE_INTEGER])
      expect(await expectCall(ann, ben, at)).toMatchObject(is('refused', 'bad-request'))
    for (const nobody of [eve, ann, 'nobody', 'clinic', ''])
      expect(await expectCall(ann, nobody, now + hour)).toMatchObject(is('refused', 'no-such-contact'))
    expect(await db.selectFrom('expectedCall').select('id').execute()).toEqual([])
    expect(await expectCall(ann, ben, now + 366 * day)).toMatchObject(is('done'))
    for (let n = 1; n < 5; n += 1)
      expect(await expectCall(ann, ben, now + n * hour)).toMatchObject(is('done'))
    // Said again it is no more than it was, and refused is only what is new.
    expect(await expectCall(ann, ben, now + hour)).toMatchObject(is('done'))
    expect(await expectCall(ann, ben, now + 5 * hour)).toMatchObject(is('refused', 'bad-request'))
    expect(await expectCall(ben, ann, now + 5 * hour)).toMatchObject(is('done'))
    // Twenty at a time: no flood of them gets through to anybody.
    let refused = 0
    for (let n = 0; n < 20; n += 1) {
      const other = await person(`other-${n}`)
      await relate(ann, other, 'contact')
      await relate(other, ann, 'contact')
      if ((await expectCall(ann, other, now + hour)).kind === 'refused') refused += 1
    }
    expect(refused).toBeGreaterThan(0)
    const own = await db.selectFrom('expectedCall').select('id').where('callerId', '=', ann).execute()
    expect(own.length).toBeLessThanOrEqual(20)
  })

  test('PN1.3 PN1.5 who is blocked announces as ever, and as much is written; who blocked them is told nothing', async () => {
    const { pair, expectCall, events, clock, change, db, pass, mails } = await service(open)
    const { ann, ben } = await pair()
    const at = clock.wall() + 12 * minute
    const count = async () => (await db.selectFrom('accountEvent').select('seq').execute()).length
    const before = await count()
    const open1 = await expectCall(ann, ben, at)
    const written = (await count()) - before
    const mine = await events(ann)
    await change(ben, ann, 'block')
    // Nothing of it reaches who was blocked.
    expect(await events(ann)).toEqual(mine)
    expect((await events(ben)).map(({ gone }) => gone)).toEqual([false, true])
    const beforeBlocked = await count()
    expect(await expectCall(ann, ben, at + second)).toEqual(open1)
    expect((await count()) - beforeBlocked).toBe(written)
    expect((await events(ann)).at(-1)).toMatchObject({ at: at + second, by: 'ben', mine: true, gone: false })
    expect((await events(ben)).filter(({ gone }) => !gone)).toHaveLength(1)
    expect(await expectedItems(db, ben)).toEqual([])
    await change(ben, ann, 'unblock')
    expect(await events(ann)).toHaveLength(2)
    await pass(4 * minute)
    expect(await mails()).toEqual([])
  })

  test('PN1.4 whoever announced it takes it back for both; whom it is for only off their own list', async () => {
    const { pair, expectCall, cancel, events, clock, person, db } = await service(open)
    const { ann, ben } = await pair()
    const eve = await person('eve')
    await expectCall(ann, ben, clock.wall() + hour)
    const [{ id } = { id: '' }] = await events(ben)
    expect(await cancel(eve, id)).toMatchObject(is('refused', 'bad-request'))
    expect(await cancel(ann, 'none')).toMatchObject(is('refused', 'bad-request'))
    expect(await cancel(ben, id)).toMatchObject(is('done'))
    expect(await cancel(ben, id, 1)).toMatchObject(is('done'))
    expect((await events(ben)).map(({ gone }) => gone)).toEqual([false, true])
    expect(await events(ann)).toHaveLength(1)
    expect(await expectedItems(db, ann)).toHaveLength(1)
    for (let n = 0; n < 3; n += 1) expect(await cancel(ann, id, n)).toMatchObject(is('done'))
    expect((await events(ann)).map(({ gone }) => gone)).toEqual([false, true])
    await expectCall(ann, ben, clock.wall() + hour)
    const again = (await events(ben)).at(-1)
    expect(again).toMatchObject({ gone: false })
    await cancel(ann, again?.id ?? '')
    expect((await events(ben)).at(-1)).toMatchObject({ id: again?.id, gone: true })
  })

  test('PN1.5 PN4.2 who are no contacts any more expect nothing of each other, nor of a deleted account', async () => {
    const { pair, expectCall, events, clock, change, relate, db, settle } = await service(open)
    const { ann, ben } = await pair()
    const again = async () => {
      await relate(ann, ben, 'contact')
      await relate(ben, ann, 'contact')
      await expectCall(ann, ben, clock.wall() + hour)
      await expectCall(ben, ann, clock.wall() + 2 * hour)
    }
    const left = async () =>
      (await db.selectFrom('expectedCall').select('callerId').where('endedAt', 'is', null).execute()).map(
        ({ callerId }) => callerId,
      )
    await again()
    await change(ann, ben, 'remove')
    expect(await left()).toEqual([])
    for (const who of [ann, ben])
      expect((await events(who)).map(({ gone }) => gone).toSorted()).toEqual([false, false, true, true])
    await again()
    // Of who was blocked theirs goes on, for all that they see.
    await change(ann, ben, 'block')
    expect(await left()).toEqual([ben])
    await db.deleteFrom('expectedCall').execute()
    await again()
    await anonymizeUser(db, ann, clock.wall())
    await settle()
    expect(await left()).toEqual([])
    expect((await events(ben)).slice(-2).map(({ gone }) => gone)).toEqual([true, true])
  })

  test('PN2.1 PN2.2 PN2.3 a program’s key announces once, sees its own, and has room for so many', async () => {
    const { person, key, announce, events, clock, db, bus } = await service(open)
    const ann = await person('ann')
    const [one, other] = [await key('one'), await key('other')]
    const at = clock.wall() + hour
    const call = { apiKeyId: one, userId: ann, at, idempotencyKey: 'visit-1' }
    const all = await Promise.all(Array.from({ length: 5 }, () => announce(call)))
    expect(all.map(({ kind }) => kind).toSorted()).toEqual(['announced', ...Array(4).fill('repeated')])
    expect(await announce({ ...call, at: at + 1 })).toEqual({ kind: 'key-reused' })
    expect(await announce({ ...call, from: 'Dr Cole' })).toEqual({ kind: 'key-reused' })
    expect((await announce({ ...call, apiKeyId: other })).kind).toBe('announced')
    expect(await events(ann)).toMatchObject([
      { at, by: 'Dr Bell', contact: null, gone: false },
      { at, contact: null },
    ])
    for (let n = 1; n < mostOfPerson; n += 1)
      expect((await announce({ apiKeyId: one, userId: ann, at: at + n })).kind).toBe('announced')
    expect(await announce({ apiKeyId: one, userId: ann, at })).toEqual({ kind: 'too-many-of-person' })
    const { rows, more } = await listAnnounced(db, one)
    expect([rows.length, more]).toEqual([mostOfPerson, false])
    expect(rows.map((row) => row.at)).toEqual(Array.from({ length: mostOfPerson }, (_, n) => at + n))
    const [first, second] = rows
    expect((await listAnnounced(db, one, first)).rows[0]).toEqual(second)
    const id = first?.id ?? ''
    expect(await announcedById(db, other, id)).toBeUndefined()
    expect(await cancelAnnounced({ db, clock, bus }, other, id)).toBe('none')
    expect(await cancelAnnounced({ db, clock, bus }, one, id)).toBe('cancelled')
    expect(await cancelAnnounced({ db, clock, bus }, one, id)).toBe('cancelled')
    expect((await events(ann)).filter(({ gone }) => gone).map((gone) => gone.id)).toEqual([id])
  })

  test('PN3.1 PN3.4 a program is told once that its person cannot be reached, and once that they can, by two servers that look at once', async () => {
    const { person, key, announce, webhook, told, pass, lease, clock } = await service(open)
    const ann = await person('ann')
    const one = await key('one')
    const hook = await webhook(one)
    await announce({ apiKeyId: one, userId: ann, at: clock.wall() + 20 * minute })
    // Until ten minutes before it nobody is told, however long nobody was there.
    await pass(9 * minute + 50 * second)
    expect(await told(hook)).toEqual([])
    await pass(20 * second)
    expect(await told(hook)).toEqual(['at-risk'])
    await pass(minute)
    expect(await told(hook)).toEqual(['at-risk'])
    await pass(10 * second, ann)
    expect(await told(hook)).toEqual(['at-risk', 'reachable'])
    // A worker that was killed is back within half a minute: that is nothing to tell.
    lease(ann, 0)
    await pass(30 * second)
    await pass(20 * second, ann)
    expect(await told(hook)).toEqual(['at-risk', 'reachable'])
    lease(ann, 0)
    await pass(40 * second)
    expect(await told(hook)).toEqual(['at-risk', 'reachable', 'at-risk'])
    await pass(24 * minute, ann)
    expect(await told(hook)).toEqual(['at-risk', 'reachable', 'at-risk', 'reachable', 'ended'])
  })

  test('PN3.1 who is invisible is told as who is offline, from the same moment on, and has no mail; busy beyond the time too', async () => {
    const { person, key, announce, webhook, told, pass, clock, choose, mails, db } = await service(open)
    const [ann, ben, cat] = [await person('ann'), await person('ben'), await person('cat')]
    const one = await key('one')
    const hook = await webhook(one)
    const at = clock.wall() + 5 * minute
    for (const userId of [ann, ben, cat]) await announce({ apiKeyId: one, userId, at })
    await pass(2 * minute, ann, ben, cat)
    expect(await told(hook)).toEqual([])
    // Ann chooses to be invisible at the moment at which the lease of Ben’s last device ends.
    await choose(ann, 'invisible')
    const busy = { status: 'busy', revision: 1 } as const
    await db
      .insertInto('status')
      .values({ userId: cat, ...busy, until: at - minute })
      .execute()
    await pass(15 * second, ann, cat)
    const before = (await told(hook)).length
    expect(before).toBe(0)
    await pass(40 * second, ann, cat)
    expect(await told(hook)).toEqual(['at-risk', 'at-risk'])
    await db
      .updateTable('status')
      .set({ until: at + hour })
      .where('userId', '=', cat)
      .execute()
    await pass(4 * second, ann, cat)
    expect(await told(hook)).toEqual(['at-risk', 'at-risk', 'at-risk'])
    expect((await mails()).map(({ userId }) => userId)).toEqual([ben])
    await choose(ann, 'available')
    await pass(4 * second, ann, cat)
    expect((await told(hook)).at(-1)).toBe('reachable')
  })

  test('PN3.3 PN3.4 one mail is made for the calls of somebody of whom no device is there, whoever looks; names only where allowed', async () => {
    const { pair, key, announce, expectCall, cancel, events, pass, clock, mails, db } = await service(open)
    const { ann, ben } = await pair()
    const one = await key('one')
    const at = clock.wall() + 8 * minute
    await expectCall(ann, ben, at)
    await announce({ apiKeyId: one, userId: ben, at: at + second })
    await announce({ apiKeyId: one, userId: ben, at: at + hour })
    await pass(3 * minute)
    const [mail, ...more] = await mails()
    expect(more).toEqual([])
    expect(mail).toMatchObject({ userId: ben, kind: 'expected' })
    const { calls } = JSON.parse(mail?.values ?? '{}') as { calls: string[] }
    expect(calls).toHaveLength(2)
    const tell = () => expectedToTell(db, ben, calls, mail?.madeAt ?? 0)
    expect(await tell()).toEqual([{ at }, { at: at + second }])
    await db.updateTable('user').set({ mailNames: 1 }).execute()
    expect(await tell()).toEqual([
      { at, from: 'ann' },
      { at: at + second, from: 'Dr Bell' },
    ])
    const [toBen] = (await events(ben)).filter(({ contact }) => contact === ann)
    await cancel(ben, toBen?.id ?? '')
    expect(await tell()).toEqual([{ at: at + second, from: 'Dr Bell' }])
    await db.updateTable('user').set({ mailMissed: 0 }).execute()
    expect(await tell()).toEqual([])
    // There is no second one, and who wants none has none.
    await pass(58 * minute)
    expect(await mails()).toHaveLength(1)
  })

  test('PN3.5 a contact that announces and takes back again and again has its person mailed once in ten minutes', async () => {
    const { pair, key, announce, expectCall, cancel, events, pass, clock, mails } = await service(open)
    const { ann, ben } = await pair()
    for (let n = 0; n < 4; n += 1) {
      await expectCall(ann, ben, clock.wall() + 5 * minute)
      await pass(minute)
      const [latest] = (await events(ann)).slice(-1)
      await cancel(ann, latest?.id ?? '')
    }
    expect(await mails()).toHaveLength(1)
    // What another announces meanwhile is in the next one.
    await announce({ apiKeyId: await key('one'), userId: ben, at: clock.wall() + 9 * minute })
    await pass(4 * minute)
    expect(await mails()).toHaveLength(1)
    await pass(5 * minute)
    expect(await mails()).toHaveLength(2)
  })

  test('PN2.5 however many calls one key announces, those of others are looked at as ever', async () => {
    const { person, key, announce, webhook, told, pass, clock, db, mails } = await service(open)
    const [ann, ben] = [await person('ann'), await person('ben')]
    const [loud, quiet] = [await key('loud'), await key('quiet')]
    const hook = await webhook(quiet)
    const at = clock.wall() + 8 * minute
    for (let from = 0; from < 5_100; from += 300)
      await db
        .insertInto('expectedCall')
        .values(
          Array.from({ length: 300 }, (_, n) => ({
            ...{ id: `loud-${from + n}`, apiKeyId: loud, idempotencyKey: null, userId: ann, callerId: null },
            ...{ to: 'ann', from: 'Loud', at, state: 'expected' as const, shown: 1, madeAt: clock.wall() },
          })),
        )
        .execute()
    await announce({ apiKeyId: quiet, userId: ben, at: at + minute })
    await pass(80 * second, ann)
    expect(await told(hook)).toEqual(['at-risk'])
    expect((await mails()).map(({ userId }) => userId)).toEqual([ben])
  })

  test('PN4.1 a call that came ends what was expected of the two, or of the same clinic, and of nobody else', async () => {
    const { pair, key, announce, expectCall, events, pass, clock, answered, db, webhook, told } =
      await service(open)
    const { ann, ben } = await pair()
    const [one, two, strange] = [await key('one'), await key('two'), await key('strange', 'south')]
    const hook = await webhook(one)
    const at = clock.wall() + 20 * minute
    await expectCall(ann, ben, at)
    await announce({ apiKeyId: one, userId: ben, at })
    // Too early, and by somebody else: that is not it.
    await answered({ userId: ben, callerId: ann, placedBy: `person:${ann}` })
    await pass(11 * minute, ben)
    await answered({ userId: ben, callerId: null, placedBy: strange })
    await pass(4 * second, ben)
    const states = async () =>
      (await db.selectFrom('expectedCall').select(['callerId', 'state']).execute()).map(
        ({ callerId, state }) => [callerId, state] as const,
      )
    expect(new Map(await states())).toEqual(
      new Map([
        [ann, 'expected'],
        [null, 'expected'],
      ]),
    )
    // Whoever calls back has it too.
    await answered({ userId: ann, callerId: ben, placedBy: `person:${ben}` })
    await pass(4 * second, ben)
    expect(new Map(await states())).toEqual(
      new Map([
        [ann, 'came'],
        [null, 'expected'],
      ]),
    )
    expect((await events(ann)).map(({ gone }) => gone)).toEqual([false, true])
    await answered({ userId: ben, callerId: null, placedBy: two })
    await pass(4 * second, ben)
    expect(new Map(await states()).get(null)).toBe('came')
    expect(await told(hook)).toEqual(['ended'])
    expect((await events(ben)).filter(({ gone }) => gone)).toHaveLength(2)
  })

  test('PN4.1 PN4.2 15 minutes after its time it has passed, but not by a clock that has leapt; after a month it goes', async () => {
    const { pair, expectCall, events, pass, clock, db } = await service(open)
    const { ann, ben } = await pair()
    const wrote = () =>
      db
        .insertInto('writeProbe')
        .values({ id: 1, at: clock.wall() })
        .onConflict((c) => c.column('id').doUpdateSet({ at: clock.wall() }))
        .execute()
    await wrote()
    await expectCall(ann, ben, clock.wall() + 2 * minute)
    clock.setWall(60 * day)
    await pass(10 * second, ben)
    expect(await events(ben)).toHaveLength(1)
    clock.setWall(-60 * day)
    await pass(16 * minute, ben)
    expect(await events(ben)).toHaveLength(1)
    await pass(minute + 4 * second, ben)
    expect((await events(ben)).map(({ gone }) => gone)).toEqual([false, true])
    const [row] = await db.selectFrom('expectedCall').selectAll().execute()
    expect(row).toMatchObject({ state: 'passed' })
    await deleteOldExpectedCalls(db, clock.wall() + 29 * day)
    expect(await db.selectFrom('expectedCall').select('id').execute()).toHaveLength(1)
    await deleteOldExpectedCalls(db, clock.wall() + 31 * day)
    expect(await db.selectFrom('expectedCall').select('id').execute()).toEqual([])
  })

  test('PN2.4 with a key goes what it announced, and what concerns somebody who is not the clinic’s any more', async () => {
    const { person, key, announce, events, pass, clock, db } = await service(open)
    const [ann, ben] = [await person('ann'), await person('ben')]
    const [one, north] = [await key('one'), await key('north', 'north')]
    for (const userId of [ann, ben])
      await db.insertInto('scimOwner').values({ userId, provisioningDomain: 'north' }).execute()
    const at = clock.wall() + 3 * hour
    await announce({ apiKeyId: one, userId: ann, at })
    await announce({ apiKeyId: north, userId: ann, at })
    await announce({ apiKeyId: north, userId: ben, at })
    await pass(64 * second)
    expect((await events(ann)).filter(({ gone }) => gone)).toEqual([])
    await db.deleteFrom('apiKey').where('id', '=', one).execute()
    await db.deleteFrom('scimOwner').where('userId', '=', ben).execute()
    await pass(64 * second)
    expect((await events(ann)).map(({ gone }) => gone)).toEqual([false, false, true])
    expect((await events(ben)).map(({ gone }) => gone)).toEqual([false, true])
  })
}
