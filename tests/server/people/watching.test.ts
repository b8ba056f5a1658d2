import { expect, test } from 'vitest'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import type { Bus } from '../../../server/bus/bus.ts'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { settle } from '../support/people.ts'
import { type PeopleDevice, peopleDevice } from './people-device.ts'
import { befriended, type WatchingDevice, watchingDevice } from './watching-device.ts'

const person = (name: string): NewAccount => ({
  username: name.toLowerCase(),
  email: `${name.toLowerCase()}@clinic.example`,
  name,
  password: '',
})
const ann = person('Ann')
const [ben, carl, dora] = [person('Ben'), person('Carl'), person('Dora')]

/** What is told at once is there within so many of the server's ms, with a step of the clock more. */
const atOnce = 1_050

interface Ward {
  readonly server: InProcessServer
  readonly ids: { readonly ann: string; readonly ben: string; readonly carl: string; readonly dora: string }
  readonly watcher: WatchingDevice
  /** A device of somebody, with a lease. */
  readonly deviceOf: (somebody: NewAccount, device: string) => Promise<PeopleDevice>
}

/** Ann watches, and has Ben, Carl and Dora; the server has been up for long enough to know who is there. */
async function ward(options: Parameters<typeof startInProcessServer>[0] = {}): Promise<Ward> {
  const server = await startInProcessServer(options)
  const ids = await settle(server, ann, ben, carl, dora)
  await befriended(server, ann, ben, carl, dora)
  server.clock.advance(30_000)
  server.clock.standStill()
  const watcher = await watchingDevice(server, ann, 'ann-desk')
  return {
    server,
    ids: { ann: ids[0] ?? '', ben: ids[1] ?? '', carl: ids[2] ?? '', dora: ids[3] ?? '' },
    watcher,
    async deviceOf(somebody, name) {
      const device = await peopleDevice(server, somebody, name)
      await device.lease()
      return device
    },
  }
}

const setStatus = (
  device: PeopleDevice,
  status: 'available' | 'away' | 'busy' | 'invisible',
  until: number | null = null,
) => device.request({ what: 'set-status', status, until })

test('PW2.1 PW2.3 PW1.1 a watcher is told of all contacts and of its own person, and for 30 s after a start of nobody that they are offline', async () => {
  const server = await startInProcessServer()
  server.clock.standStill()
  const [annId = '', benId = '', carlId = ''] = await settle(server, ann, ben, carl, dora)
  await befriended(server, ann, ben, carl)
  const benDesk = await peopleDevice(server, ben, 'ben-desk')
  await benDesk.lease()
  const watcher = await watchingDevice(server, ann, 'ann-desk')
  const first = await watcher.watch('all')
  expect(first.map(({ of }) => of.length)).toEqual([3])
  const { validFor } = watcher.of(benId) ?? {}
  expect(watcher.of(benId)).toEqual({ contact: benId, sees: 'available', until: null, validFor })
  expect(validFor).toBeGreaterThan(13_000)
  expect(validFor).toBeLessThanOrEqual(15_000)
  expect(watcher.sees(annId)).toBe('available')
  expect(watcher.of(carlId)).toEqual({ contact: carlId, sees: 'unknown', until: null, validFor: null })
  server.clock.advance(15_000)
  await watcher.lease()
  await watcher.until(annId, 'available')
  expect(watcher.sees(carlId)).toBe('unknown')
  server.clock.advance(15_000)
  await watcher.until(carlId, 'offline')
})

test('PW1.2 PW2.1 who goes, comes and falls silent is seen so: at once, at once, and 15 s after their last heartbeat', async () => {
  const { server, ids, watcher, deviceOf } = await ward()
  const first = await deviceOf(ben, 'ben-desk')
  await watcher.watch('all')
  expect(watcher.sees(ids.ben)).toBe('available')
  expect(watcher.sees(ids.carl)).toBe('offline')
  first.send({ type: 'goodbye', why: 'exit' })
  expect(await watcher.until(ids.ben, 'offline')).toBeLessThanOrEqual(atOnce)
  const second = await deviceOf(ben, 'ben-laptop')
  expect(await watcher.until(ids.ben, 'available')).toBeLessThanOrEqual(atOnce)
  // Cut without a word.
  second.close()
  expect(await watcher.until(ids.ben, 'offline')).toBeLessThanOrEqual(atOnce)
  const third = await deviceOf(ben, 'ben-phone')
  await watcher.until(ids.ben, 'available')
  // Heartbeats are told while somebody watches: of each for how long it is good.
  const told = () => watcher.frames.filter(({ of }) => of.some(({ contact }) => contact === ids.ben)).length
  const before = told()
  server.clock.advance(9_000)
  await third.lease()
  server.clock.advance(1_000)
  await expect.poll(told).toBeGreaterThan(before)
  expect(watcher.of(ids.ben)?.validFor).toBeGreaterThan(13_000)
  server.clock.advance(12_000)
  await watcher.lease()
  await deviceOf(carl, 'carl-desk')
  expect(await watcher.until(ids.carl, 'available')).toBeLessThanOrEqual(atOnce)
  expect(watcher.sees(ids.ben)).toBe('available')
  server.clock.advance(2_001)
  expect(await watcher.until(ids.ben, 'offline')).toBeLessThanOrEqual(atOnce)
})

test('PW2.2 PW1.1 a status that is chosen is seen within a second, and busy ends by itself', async () => {
  const { server, ids, watcher, deviceOf } = await ward()
  const benDesk = await deviceOf(ben, 'ben-desk')
  await watcher.watch('all')
  await setStatus(benDesk, 'away')
  expect(await watcher.until(ids.ben, 'away')).toBeLessThanOrEqual(atOnce)
  const until = server.clock.wall() + 8_000
  await setStatus(benDesk, 'busy', until)
  expect(await watcher.until(ids.ben, 'busy')).toBeLessThanOrEqual(atOnce)
  expect(watcher.of(ids.ben)?.until).toBe(until)
  server.clock.advance(8_000)
  expect(await watcher.until(ids.ben, 'available')).toBeLessThanOrEqual(atOnce)
  await setStatus(benDesk, 'invisible')
  expect(await watcher.until(ids.ben, 'offline')).toBeLessThanOrEqual(atOnce)
  await setStatus(benDesk, 'available')
  await watcher.until(ids.ben, 'available')
  // What contacts are shown of the person who watches.
  await setStatus(watcher, 'invisible')
  expect(await watcher.until(ids.ann, 'offline')).toBeLessThanOrEqual(atOnce)
})

test('PW2.2 PC1.5 PC1.6 a block is as an end, its end as a beginning, and of who removed the watcher nothing is told', async () => {
  const { server, ids, watcher, deviceOf } = await ward()
  const benDesk = await deviceOf(ben, 'ben-desk')
  const carlDesk = await deviceOf(carl, 'carl-desk')
  await watcher.watch('all')
  const change = (device: PeopleDevice, how: 'block' | 'unblock' | 'remove') =>
    device.request({ what: 'change-contact', contact: ids.ann, change: how })
  await change(benDesk, 'block')
  expect(await watcher.until(ids.ben, 'offline')).toBeLessThanOrEqual(atOnce)
  await change(benDesk, 'unblock')
  expect(await watcher.until(ids.ben, 'available')).toBeLessThanOrEqual(atOnce)
  await change(carlDesk, 'remove')
  const told = watcher.frames.length
  server.clock.advance(9_000)
  await Promise.all([benDesk.lease(), carlDesk.lease(), watcher.lease()])
  await setStatus(carlDesk, 'away')
  carlDesk.send({ type: 'goodbye', why: 'exit' })
  await setStatus(benDesk, 'away')
  await watcher.until(ids.ben, 'away')
  const named = watcher.frames.slice(told).flatMap(({ of }) => of.map(({ contact }) => contact))
  expect(named).not.toContain(ids.carl)
  // And whom the watcher has blocked is none of them.
  await watcher.request({ what: 'change-contact', contact: ids.ben, change: 'block' })
  const [again] = await watcher.watch('all')
  expect(again?.of.map(({ contact }) => contact).toSorted()).toEqual([ids.ann, ids.dora].toSorted())
})

test('PW2.1 a device is told of those whom it names and of nobody else, and of nobody once it wants nobody', async () => {
  const { server, ids, watcher, deviceOf } = await ward()
  await settle(server, person('Emil'))
  const benDesk = await deviceOf(ben, 'ben-desk')
  await deviceOf(carl, 'carl-desk')
  const strangers = ['nobody', ids.ann]
  const [first] = await watcher.watch([ids.ben, ...strangers])
  expect(first?.of.map(({ contact }) => contact)).toEqual([ids.ben])
  watcher.send({ type: 'watch', n: 9_999, whom: [] })
  await setStatus(benDesk, 'away')
  await setStatus(benDesk, 'available')
  const [again] = await watcher.watch([ids.carl])
  expect(again?.of.map(({ contact }) => contact)).toEqual([ids.carl])
  expect(watcher.frames.map(({ of }) => of.map(({ contact }) => contact))).toEqual([[ids.ben], [ids.carl]])
})

test('PW2.1 who becomes a contact is seen without asking anew', async () => {
  const { server, watcher } = await ward()
  const emil = person('Emil')
  const [emilId = ''] = await settle(server, emil)
  const emilDesk = await peopleDevice(server, emil, 'emil-desk')
  await emilDesk.lease()
  await watcher.watch('all')
  expect(watcher.sees(emilId)).toBe('none')
  await watcher.request({ what: 'ask-contact', login: 'emil' })
  const accept = { what: 'answer-contact', contact: watcher.welcome.account.id, answer: 'accept' } as const
  await expect.poll(async () => (await emilDesk.request(accept)).type).toBe('done')
  expect(await watcher.until(emilId, 'available')).toBeLessThanOrEqual(atOnce)
})

test('PW2.8 somebody is away when all their devices are idle or locked, and only those that hold a lease count', async () => {
  const { ids, watcher, deviceOf } = await ward()
  const desk = await deviceOf(ben, 'ben-desk')
  const laptop = await deviceOf(ben, 'ben-laptop')
  await watcher.watch('all')
  desk.send({ type: 'idle', state: 'idle' })
  await laptop.lease()
  expect(watcher.sees(ids.ben)).toBe('available')
  laptop.send({ type: 'idle', state: 'locked' })
  expect(await watcher.until(ids.ben, 'away')).toBeLessThanOrEqual(atOnce)
  desk.send({ type: 'idle', state: 'active' })
  expect(await watcher.until(ids.ben, 'available')).toBeLessThanOrEqual(atOnce)
  desk.send({ type: 'goodbye', why: 'exit' })
  expect(await watcher.until(ids.ben, 'away')).toBeLessThanOrEqual(atOnce)
  await deviceOf(ben, 'ben-phone')
  await watcher.until(ids.ben, 'available')
})

test('PW2.4 who is invisible, who has blocked the watcher and who is offline are told alike, whatever the first two do', async () => {
  const server = await startInProcessServer()
  server.clock.standStill()
  const ids = await settle(server, ann, ben, carl, dora)
  const [, benId = '', carlId = '', doraId = ''] = ids
  await befriended(server, ann, ben, carl, dora)
  let devices = 0
  const open = async (somebody: NewAccount) => {
    devices += 1
    const device = await peopleDevice(server, somebody, `device-${devices}`)
    await device.lease()
    return device
  }
  const benDesk = await open(ben)
  const carlDesk = await open(carl)
  await setStatus(benDesk, 'invisible')
  await carlDesk.request({ what: 'change-contact', contact: ids[0] ?? '', change: 'block' })
  const watcher = await watchingDevice(server, ann, 'ann-desk')
  /** What was told of one of them, frame by frame, with their id taken out. */
  const toldOf = (id: string) =>
    watcher.frames.map((frame) =>
      JSON.stringify(frame.of.filter(({ contact }) => contact === id)).replaceAll(id, 'ID'),
    )
  const live = async () => {
    await Promise.all([benDesk.lease(), carlDesk.lease(), watcher.lease()])
    benDesk.send({ type: 'idle', state: 'idle' })
    carlDesk.send({ type: 'idle', state: 'locked' })
    await Promise.all([open(ben), open(carl)])
    for (const desk of [benDesk, carlDesk]) desk.send({ type: 'idle', state: 'active' })
    // A frame of what happened is out before the next begins.
    await watcher.lease()
    await watcher.until(ids[0] ?? '', 'available')
  }
  await watcher.watch('all')
  await live()
  server.clock.advance(20_000)
  await live()
  server.clock.advance(11_000)
  await live()
  await watcher.until(doraId, 'offline')
  await live()
  await watcher.watch('all')
  await live()
  await watcher.watch([benId, carlId, doraId])
  expect(watcher.frames.length).toBeGreaterThan(4)
  const [offline, ...others] = [doraId, benId, carlId].map(toldOf)
  expect(offline?.join('')).toContain('offline')
  for (const other of others) expect(other).toEqual(offline)
})

/** A bus that keeps what is published on subjects that begin so. */
function listeningBus(beginning: string): { readonly bus: Bus; readonly heard: string[] } {
  const bus = createInProcessBus()
  const heard: string[] = []
  return {
    heard,
    bus: {
      ...bus,
      publish(subject, payload) {
        if (subject.startsWith(beginning)) heard.push(subject)
        bus.publish(subject, payload)
      },
    },
  }
}

test('PW2.5 a heartbeat is told whoever watches and nobody else, and many together once', async () => {
  const { bus, heard } = listeningBus('presence.')
  const { server, ids, watcher, deviceOf } = await ward({ bus })
  const benDesk = await deviceOf(ben, 'ben-desk')
  const carlDesk = await deviceOf(carl, 'carl-desk')
  heard.length = 0
  for (let n = 0; n < 5; n += 1) await Promise.all([benDesk.lease(), carlDesk.lease()])
  expect(heard).toEqual([])
  await watcher.watch([ids.ben])
  const doraDesk = await deviceOf(dora, 'dora-desk')
  const another = await watchingDevice(server, ann, 'ann-laptop')
  await another.watch([ids.dora])
  const toldOf = (userId: string) => heard.filter((subject) => subject === `presence.${userId}`).length
  /** The server has looked at what is to be told since: a watcher is told of Dora's status after that. */
  const hasLooked = async (status: 'away' | 'available') => {
    await setStatus(doraDesk, status)
    expect(await another.until(ids.dora, status)).toBeLessThan(1_000)
  }
  heard.length = 0
  await benDesk.lease()
  await expect.poll(() => toldOf(ids.ben)).toBe(1)
  for (let n = 0; n < 5; n += 1) await Promise.all([benDesk.lease(), carlDesk.lease()])
  await hasLooked('away')
  expect(toldOf(ids.ben)).toBe(1)
  server.clock.advance(1_000)
  await expect.poll(() => toldOf(ids.ben)).toBe(2)
  expect(new Set(heard)).toEqual(new Set([`presence.${ids.ben}`, `presence.${ids.dora}`]))
  // For a while after the last watcher has gone; then no more.
  watcher.send({ type: 'watch', n: 9_998, whom: [] })
  await watcher.lease()
  for (let n = 0; n < 7; n += 1) {
    server.clock.advance(9_500)
    await Promise.all([benDesk.lease(), watcher.lease(), another.lease(), doraDesk.lease()])
  }
  server.clock.advance(1_000)
  await hasLooked('available')
  heard.length = 0
  for (let n = 0; n < 5; n += 1) await benDesk.lease()
  server.clock.advance(2_000)
  await benDesk.lease()
  await hasLooked('away')
  expect(toldOf(ids.ben)).toBe(0)
})
