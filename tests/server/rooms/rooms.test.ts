import { createHmac } from 'node:crypto'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { callRoom } from '../../../protocol/http.ts'
import { personPresence } from '../../../protocol/programs.ts'
import { roomTiming } from '../../../protocol/room.ts'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import { annAndBen, call, standing } from '../calls/two-people.ts'
import { callerOf, post } from '../support/api-client.ts'
import { type InProcessServer, type Start, startInProcessServer } from '../support/in-process-server.ts'
import { ann, idOf, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'
import { answeredCallIn, joined, keepBeating, openRoomPage, partsOf, seatedPage } from './room-page.ts'

/** A program's call to Ann, which she answered: where each side is to go. */
async function answered(start: Start = {}) {
  const server = await startInProcessServer(start)
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  const caller = callerOf(server)
  const placing = caller.place('ann')
  const { call: ringing } = await device.next('ring')
  device.send({ type: 'rings', call: ringing.id })
  const { id } = await placing
  device.send({ type: 'answer', call: id })
  const over = await device.next('over')
  const callee = partsOf(over.room ?? '')
  const { room: named } = await caller.get(id)
  // However busy the machine is: no lease ends but where a test lets time pass.
  server.clock.standStill()
  return { server, device, id, room: callee.room, callee: callee.ticket, caller: partsOf(named ?? '').ticket }
}

/** One more ticket of the caller. */
async function freshTicket(server: InProcessServer, id: string): Promise<string> {
  const response = await post(server, `/api/calls/${id}/room`, {}, callerOf(server).authorization)
  return partsOf(v.parse(callRoom, await response.json()).room).ticket
}

/** Says hello. @returns why it was refused. */
async function refusal(
  server: InProcessServer,
  room: string,
  by: Readonly<{ ticket: string }> | Readonly<{ seat: string }>,
  more: object = {},
): Promise<string> {
  const page = await openRoomPage(server, room)
  page.hello(by, more)
  const { why } = await page.next('refused')
  expect((await page.closed()).code).toBe(4403)
  return why
}

test('RM1.1 C3.1 the two of an answered call have a ticket each, which opens their own side of their own room once', async () => {
  const { server, room, callee, caller } = await answered()
  expect([room, callee, caller]).toEqual([
    expect.stringMatching(/^[\w-]{22}$/),
    expect.stringMatching(/^callee-/),
    expect.stringMatching(/^caller-/),
  ])
  const anns = await seatedPage(server, room, { ticket: callee })
  expect(anns.welcome).toMatchObject({
    side: 'callee',
    polite: true,
    name: 'Dr Bell',
    leaseMs: 6_000,
    beatMs: 2_000,
  })
  expect(await refusal(server, room, { ticket: callee })).toBe('ticket')
  const bells = await seatedPage(server, room, { ticket: caller })
  expect(bells.welcome).toMatchObject({ side: 'caller', polite: false, name: 'Ann Able' })
  // Nothing of a ticket is kept but a hash of each that was used.
  const db = await server.db()
  const kept = JSON.stringify(await db.selectFrom('roomTicket').selectAll().execute())
  for (const ticket of [callee, caller]) expect(kept).not.toContain(ticket)
})

test('RM1.1 a page that did not hear that its ticket was taken may send it again', async () => {
  const { server, room, callee } = await answered()
  const first = await seatedPage(server, room, { ticket: callee })
  first.socket.terminate()
  const again = await seatedPage(server, room, { ticket: callee }, { page: first.page })
  expect(again.welcome.epoch).toBe(first.welcome.epoch)
})

test('RM1.1 a ticket is no good after five minutes, for another room, changed, or where there is no such room', async () => {
  const { server, room, callee, caller } = await answered()
  const annId = await idOf(server, ann.email)
  const other = await answeredCallIn(await server.db(), { callee: annId, answeredAt: server.clock.wall() })
  expect(await refusal(server, other.room, { ticket: callee })).toBe('ticket')
  for (const bad of [
    callee.replace('callee', 'caller'),
    `${callee}x`,
    'x'.repeat(40),
    callee.replace('.', ''),
  ])
    expect(await refusal(server, room, { ticket: bad })).toBe('ticket')
  expect(await refusal(server, 'A'.repeat(22), { ticket: callee })).toBe('over')
  server.clock.advance(roomTiming.ticketFor + 1_000)
  expect(await refusal(server, room, { ticket: callee })).toBe('ticket')
  expect(await refusal(server, room, { ticket: caller })).toBe('ticket')
})

test('RM1.2 whoever was let in comes back by their seat, to their own side, and to no other room', async () => {
  const { server, room, callee, id } = await answered()
  const anns = await seatedPage(server, room, { ticket: callee })
  anns.leave()
  await anns.closed()
  server.clock.advance(roomTiming.ticketFor * 2)
  const back = await seatedPage(server, room, { seat: anns.welcome.seat })
  expect(back.welcome).toMatchObject({ side: 'callee', seat: anns.welcome.seat })
  const annId = await idOf(server, ann.email)
  const other = await answeredCallIn(await server.db(), { callee: annId, answeredAt: server.clock.wall() })
  expect(await refusal(server, other.room, { seat: anns.welcome.seat })).toBe('ticket')
  const bells = await seatedPage(server, room, { ticket: await freshTicket(server, id) })
  expect(bells.welcome.seat).not.toBe(anns.welcome.seat)
})

test('RM1.3 the caller of a program has as many addresses as they ask for while the room is open, and none before or after', async () => {
  const { server, device, room, callee, caller, id } = await answered()
  const ask = async (call: string) => {
    const response = await post(server, `/api/calls/${call}/room`, {}, callerOf(server).authorization)
    return [response.status, ((await response.json()) as { error?: string }).error]
  }
  const fresh = [await freshTicket(server, id), await freshTicket(server, id)]
  expect(new Set([...fresh, caller]).size).toBe(3)
  for (const ticket of fresh) await seatedPage(server, room, { ticket })
  const placing = callerOf(server).place('ann')
  const { call: ringing } = await device.next('ring')
  device.send({ type: 'rings', call: ringing.id })
  await placing
  expect(await ask(ringing.id)).toEqual([409, 'no-room'])
  expect(await ask('nobody')).toEqual([404, 'no-such-call'])
  const anns = await seatedPage(server, room, { ticket: callee })
  anns.send({ type: 'hangUp' })
  await anns.next('ended')
  expect(await ask(id)).toEqual([409, 'no-room'])
})

/** Within what is lost in counting. */
const isAbout = (ms: number) => (told: number | null) => told !== null && Math.abs(told - ms) <= 2

test('RM2.1 RM2.2 each hears that the other is here for as long as they prove it, and that they left, or were heard of no more', async () => {
  const { server, room, callee, caller } = await answered()
  const anns = await seatedPage(server, room, { ticket: callee })
  expect(anns.welcome.other).toBeNull()
  const bells = await seatedPage(server, room, { ticket: caller }, { state: { ...joined, camera: true } })
  expect(bells.welcome.other).toMatchObject({ state: joined, leftMs: expect.any(Number) })
  const { here } = await anns.other(true)
  expect(here).toMatchObject({ state: { camera: true } })
  expect(here?.leftMs).toBeLessThanOrEqual(6_000)
  bells.send({ type: 'state', state: { ...joined, muted: true } })
  expect((await anns.other(true)).here).toMatchObject({ state: { muted: true, camera: false } })
  server.clock.advance(4_000)
  expect((await anns.beat()).otherLeftMs).toSatisfy(isAbout(2_000))
  server.clock.advance(2_000)
  // Ann's beat came four seconds before: hers is held, and that of the caller is not.
  expect(await anns.other(false)).toMatchObject({ why: 'silent' })
  expect((await bells.closed()).code).toBe(4411)
  const back = await seatedPage(server, room, { seat: bells.welcome.seat })
  await anns.other(true)
  back.leave()
  expect(await anns.other(false)).toMatchObject({ why: 'left' })
  const more = await seatedPage(server, room, { seat: bells.welcome.seat })
  await anns.other(true)
  // The line is lost without a word: until the lease is over nobody knows better.
  more.socket.terminate()
  await more.closed()
  expect((await anns.beat()).otherLeftMs).toSatisfy(isAbout(6_000))
})

test.each([
  ['1001, as a proxy does that starts anew', 1001],
  ['1000', 1000],
  ['no code at all', undefined],
])(
  'RM2.2 of a page whose connection is closed with %s nobody is told that it left: it comes again, or nothing is heard of it',
  async (_, code) => {
    const { server, room, callee, caller } = await answered()
    const anns = await seatedPage(server, room, { ticket: callee })
    const bells = await seatedPage(server, room, { ticket: caller })
    const { here } = await anns.other(true)
    const { page, welcome } = bells
    bells.socket.close(code)
    await bells.closed()
    const back = await seatedPage(server, room, { seat: welcome.seat }, { page, was: page })
    expect((await anns.other(true)).here?.connection).toBe((here?.connection ?? 0) + 1)
    back.socket.close(code)
    await back.closed()
    server.clock.advance(5_000)
    expect((await anns.beat()).otherLeftMs).toSatisfy(isAbout(1_000))
    server.clock.advance(1_000)
    expect(await anns.other(false)).toMatchObject({ why: 'silent' })
  },
)

test('RM2.2 RM12.6 a page that its browser closes right after it said that it is about to go has left, and one that stayed has not', async () => {
  const { server, room, callee, caller } = await answered()
  const anns = await seatedPage(server, room, { ticket: callee })
  const bells = await seatedPage(server, room, { ticket: caller })
  await anns.other(true)
  bells.send({ type: 'leaving' })
  bells.socket.close(1001)
  expect(await anns.other(false)).toMatchObject({ why: 'left' })
  const stays = await seatedPage(server, room, { seat: bells.welcome.seat })
  await anns.other(true)
  stays.send({ type: 'leaving' })
  await stays.beat()
  stays.socket.close(1001)
  await stays.closed()
  expect((await anns.beat()).otherLeftMs).toSatisfy(isAbout(6_000))
})

test('RM2.3 the newest page of a side has its seat: the older is told so, and comes back only if its person asks', async () => {
  const { server, room, callee } = await answered()
  const older = await seatedPage(server, room, { ticket: callee })
  const newer = await seatedPage(server, room, { seat: older.welcome.seat })
  await older.next('replaced')
  expect((await older.closed()).code).toBe(4409)
  expect(newer.welcome.epoch).toBe(older.welcome.epoch + 1)
  // Not even under another name, as one comes whose connection to the other one came to nothing.
  for (const page of [older.page, 'another-name-of-it']) {
    const how = { was: older.page, page }
    expect(await refusal(server, room, { seat: older.welcome.seat }, how)).toBe('elsewhere')
  }
  await newer.beat()
  const asked = await seatedPage(server, room, { seat: older.welcome.seat })
  await newer.next('replaced')
  expect(asked.welcome.epoch).toBe(newer.welcome.epoch + 1)
})

test('RM1.4 a third person is refused while two are in the room, whatever they have of it', async () => {
  const { server, room, callee, caller } = await answered()
  const anns = await seatedPage(server, room, { ticket: callee })
  const bells = await seatedPage(server, room, { ticket: caller })
  expect(await refusal(server, room, { ticket: callee })).toBe('full')
  expect(await refusal(server, room, { seat: 'x'.repeat(43) })).toBe('full')
  await Promise.all([anns.beat(), bells.beat()])
})

test('RM3.1 RM3.2 signals go between the two who have joined, in order, within one meeting', async () => {
  const { server, room, callee, caller } = await answered()
  const anns = await seatedPage(server, room, { ticket: callee }, { state: { ...joined, joined: false } })
  const bells = await seatedPage(server, room, { ticket: caller })
  const { epoch } = await anns.other(true)
  expect(bells.welcome.epoch).toBe(epoch)
  const candidate = (n: number) => ({
    candidate: { candidate: `c${n}`, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: null },
  })
  const description = { description: { type: 'offer' as const, sdp: 'v=0' }, offer: 1 }
  // Ann has not joined: nothing is passed on to her, or from her.
  bells.send({ type: 'signal', epoch, signal: description })
  anns.send({ type: 'signal', epoch, signal: description })
  anns.send({ type: 'state', state: joined })
  await bells.other(true)
  bells.send({ type: 'signal', epoch: epoch - 1, signal: candidate(0) })
  bells.send({ type: 'signal', epoch, signal: description })
  for (let n = 1; n <= 30; n += 1) bells.send({ type: 'signal', epoch, signal: candidate(n) })
  const heard = []
  for (let n = 0; n <= 30; n += 1) heard.push((await anns.next('signal')).signal)
  expect(heard).toEqual([description, ...Array.from({ length: 30 }, (_, n) => candidate(n + 1))])
  anns.send({ type: 'signal', epoch, signal: candidate(99) })
  expect((await bells.next('signal')).signal).toEqual(candidate(99))
  expect(bells.received.filter(({ type }) => type === 'signal')).toHaveLength(1)
})

test('RM4.1 hang-up ends the room for both, at once and for good', async () => {
  const { server, room, callee, caller, id } = await answered()
  const anns = await seatedPage(server, room, { ticket: callee })
  const bells = await seatedPage(server, room, { ticket: caller })
  anns.send({ type: 'hangUp' })
  expect(await anns.next('ended')).toEqual({ type: 'ended', why: 'hungUp' })
  expect(await bells.next('ended')).toEqual({ type: 'ended', why: 'otherHungUp' })
  expect([(await anns.closed()).code, (await bells.closed()).code]).toEqual([4410, 4410])
  expect(await refusal(server, room, { seat: anns.welcome.seat })).toBe('over')
  const db = await server.db()
  const row = await db.selectFrom('room').selectAll().where('callId', '=', id).executeTakeFirstOrThrow()
  expect(row.endedAt).not.toBeNull()
})

test('C8.21 an extension that knows a room is told whether both are in it, and of no room that there is not', async () => {
  const { server, room, callee, caller } = await answered()
  const origin = 'chrome-extension://cafhmnaedhkkgklgajmdhphefgabcbnd'
  const ask = async (of: string, headers: Readonly<Record<string, string>> = { origin }) => {
    const response = await fetch(`${server.localUrl}/api/rooms/${of}`, { headers })
    return [response.status, await response.text()]
  }
  const none = [409, JSON.stringify({ error: 'no-room', message: 'No two are in such a room.' })]
  expect(await ask(room)).toEqual(none)
  const anns = await seatedPage(server, room, { ticket: callee })
  expect(await ask(room)).toEqual(none)
  const bells = await seatedPage(server, room, { ticket: caller })
  expect(await ask(room)).toEqual([204, ''])
  anns.send({ type: 'hangUp' })
  await bells.next('ended')
  expect(await ask(room)).toEqual(none)
  // A room that there is not is told of alike.
  expect(await ask('A'.repeat(22))).toEqual(none)
  expect((await ask(room, { origin: 'https://evil.example' }))[0]).toBe(401)
})

test('RM4.2 a room is over six hours after its call was answered, and once its call is gone', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const db = await server.db()
  const callee = await idOf(server, ann.email)
  server.clock.standStill()
  const at = (left: number) => ({ callee, answeredAt: server.clock.wall() - roomTiming.longest + left })
  const [old, gone] = [await answeredCallIn(db, at(9_000)), await answeredCallIn(db, at(600_000))]
  const pages = [
    await seatedPage(server, old.room, { ticket: await freshTicket(server, old.id) }),
    await seatedPage(server, gone.room, { ticket: await freshTicket(server, gone.id) }),
  ]
  await db.deleteFrom('call').where('id', '=', gone.id).execute()
  for (let n = 0; n < 3; n += 1) {
    server.clock.advance(4_000)
    await Promise.all(
      pages.map((page) => page.socket.readyState === page.socket.OPEN && page.beat().catch(() => {})),
    )
  }
  for (const page of pages) expect(await page.next('ended')).toEqual({ type: 'ended', why: 'over' })
  expect(await refusal(server, old.room, { seat: pages[0]?.welcome.seat ?? '' })).toBe('over')
})

test('RM5.1 a page is told of the relays with credentials for ten minutes that the relay can verify, and of fresh ones when it asks', async () => {
  const env = {
    STUN_URLS: 'stun:stun.example:3478',
    TURN_URLS: 'turn:turn.example:3478?transport=udp, turns:turn.example:5349',
    TURN_SECRET: 'a secret that coturn has too',
  }
  const { server, room, callee } = await answered({ env })
  const page = await seatedPage(server, room, { ticket: callee })
  const { servers, goodFor } = page.welcome.ice
  expect(page.welcome.relayOnly).toBe(false)
  expect(goodFor).toBe(600_000)
  expect(servers[0]).toEqual({ urls: ['stun:stun.example:3478'] })
  const relay = servers[1]
  expect(relay?.urls).toEqual(['turn:turn.example:3478?transport=udp', 'turns:turn.example:5349'])
  const [until, name] = relay?.username?.split(':') ?? []
  expect(Math.abs(Number(until) * 1_000 - server.clock.wall() - 600_000)).toBeLessThan(5_000)
  expect(name).toMatch(/^[\w-]{16}$/)
  const password = createHmac('sha1', env.TURN_SECRET)
    .update(relay?.username ?? '')
    .digest('base64')
  expect(relay?.credential).toBe(password)
  server.clock.advance(2_000)
  page.send({ type: 'ice' })
  const { ice } = await page.next('ice')
  expect(ice.servers[1]?.username).not.toBe(relay?.username)
  expect(JSON.stringify(page.received)).not.toContain(env.TURN_SECRET)
})

test('RM5.1 without relays a page is told of none, and of no credentials', async () => {
  const { server, room, callee } = await answered()
  const page = await seatedPage(server, room, { ticket: callee })
  expect(page.welcome).toMatchObject({ ice: { servers: [], goodFor: null }, relayOnly: false })
})

test('RM5.2 who speaks with a visitor, and everybody where it is set, goes by the relay alone, if there is one', async () => {
  const relay = { TURN_URLS: 'turn:turn.example', TURN_SECRET: 'a secret that coturn has too' }
  const isRelayOnly = async (env: Record<string, string>, placedBy: string) => {
    const server = await startInProcessServer({ env })
    await settle(server, ann)
    const db = await server.db()
    const callee = await idOf(server, ann.email)
    const { id, room } = await answeredCallIn(db, { callee, placedBy, answeredAt: server.clock.wall() })
    await db.updateTable('call').set({ placedBy: 'operator' }).where('id', '=', id).execute()
    const ticket = await freshTicket(server, id)
    await db.updateTable('call').set({ placedBy }).where('id', '=', id).execute()
    return (await seatedPage(server, room, { ticket })).welcome.relayOnly
  }
  expect(await isRelayOnly(relay, 'visitor:front-desk')).toBe(true)
  expect(await isRelayOnly(relay, 'operator')).toBe(false)
  expect(await isRelayOnly({ ...relay, TURN_ONLY: 'on' }, 'operator')).toBe(true)
  expect(await isRelayOnly({}, 'visitor:front-desk')).toBe(false)
})

test('RM6.1 PW1.3 contacts see that somebody is in a call for as long as they hold a seat in a room, and not a lease longer', async () => {
  const { server, anns, benId, annId, bens } = await annAndBen()
  const device = await bens()
  const id = (await call(anns, benId)).id
  const { call: ringing } = await device.next('ring')
  device.send({ type: 'rings', call: ringing.id })
  device.send({ type: 'answer', call: id })
  const { room: bensRoom } = await device.next('over')
  const { room: annsRoom } = await standing(anns, 'answered')
  const of = partsOf(bensRoom ?? '')
  expect(partsOf(annsRoom ?? '').room).toBe(of.room)
  anns.send({ type: 'watch', n: 1, whom: 'all' })
  const seen = () =>
    anns.received
      .flatMap((message) => (message.type === 'presence' ? message.of : []))
      .filter(({ contact }) => contact === benId)
      .at(-1)
  await expect.poll(() => seen()?.sees).toBe('available')
  const page = await seatedPage(server, of.room, { ticket: of.ticket })
  keepBeating(page)
  await expect.poll(() => seen()?.sees).toBe('in-call')
  expect(seen()?.validFor).toBeLessThanOrEqual(6_000)
  page.leave()
  await expect.poll(() => seen()?.sees, { timeout: 3_000 }).toBe('available')
  const again = await seatedPage(server, of.room, { seat: page.welcome.seat })
  keepBeating(again)
  await expect.poll(() => seen()?.sees).toBe('in-call')
  // Lost without a word: it ends with the lease.
  again.socket.terminate()
  await again.closed()
  expect(seen()?.sees).toBe('in-call')
  server.clock.advance(6_000)
  await device.lease()
  await expect.poll(() => seen()?.sees, { timeout: 3_000 }).toBe('available')
  expect(annId).not.toBe(benId)
})

test('RM6.2 a program that asks for somebody for the first time hears that they are in a room, without a beat of it', async () => {
  const { server, room, callee } = await answered()
  const key = (await createApiKey(await server.db(), 'portal', Date.now(), 'presence')) ?? ''
  const page = await seatedPage(server, room, { ticket: callee })
  const presence = async () => {
    const headers = { authorization: `Bearer ${key}` }
    const response = await fetch(`${server.url}/api/people/ann/presence`, { headers })
    return v.parse(personPresence, await response.json())
  }
  const first = await presence()
  expect(first).toMatchObject({ state: 'in-call' })
  expect(first.validFor).toBeLessThanOrEqual(6_000)
  page.leave()
  await page.closed()
  await expect.poll(async () => (await presence()).state).toBe('available')
})

test('RM1.5 of two who call each other whoever answered by calling back comes to the callee’s side', async () => {
  const { server, anns, benId, annId, bens } = await annAndBen()
  const device = await bens()
  await call(anns, benId)
  const back = await call(device, annId)
  const [one, other] = [partsOf((await standing(anns, 'answered')).room ?? ''), partsOf(back.room ?? '')]
  expect(one.room).toBe(other.room)
  expect([one.ticket.split('-')[0], other.ticket.split('-')[0]]).toEqual(['caller', 'callee'])
  const [annsPage, bensPage] = [
    await seatedPage(server, one.room, { ticket: one.ticket }),
    await seatedPage(server, other.room, { ticket: other.ticket }),
  ]
  expect([annsPage.welcome.name, bensPage.welcome.name]).toEqual(['Ben Baker', 'Ann Able'])
})
