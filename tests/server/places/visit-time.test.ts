import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placeTiming } from '../../../protocol/place.ts'
import type { PersonPresence } from '../../../protocol/programs.ts'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import type { Database } from '../../../server/database/tables.ts'
import { createDatabaseClock } from '../../../server/nodes/database-clock.ts'
import { insertPlace } from '../../../server/places/place-rows.ts'
import { insertVisit, lapsedVisits } from '../../../server/places/visit-rows.ts'
import { createVisitTime } from '../../../server/places/visit-time.ts'
import { settle } from '../calls/calls-of-nodes.ts'
import { addPairs, deviceAt } from '../calls/people-of-nodes.ts'
import { memoryDatabase } from '../people/memory-database.ts'
import { openVisitParts } from './visit-parts.ts'

/** How many random schedules; `npm run prove` has many more. */
const numRuns = Number(process.env.VISIT_SCHEDULES ?? 15)
const seed = process.env.TRUTH_SEED === undefined ? {} : { seed: Number(process.env.TRUTH_SEED) }

const step = 500
/** What a page may be believed for after it is gone, in ms, at most: a lease, another by a clock, and until it is looked for. */
const longestBelieved = 2 * placeTiming.leaseFor + 3_000

const busy: PersonPresence = { state: 'busy', validFor: null, until: null }
const available: PersonPresence = { state: 'available', validFor: 9_000, until: null }

/** Two nodes of one database, whose clock both learn; each has a machine that may sleep. */
async function twoNodes(own: Database) {
  let isAway = false
  let isHiccup = false
  let isSweepHiccup = false
  let presence = busy
  const db = own.withPlugin({
    transformQuery({ node }) {
      if (isAway) throw new Error('the database is away')
      return node
    },
    transformResult: async ({ result }) => result,
  })
  for (const table of ['call', 'visit'] as const) await own.deleteFrom(table).execute()
  let time = 1_800_000_000_000
  const bus = createInProcessBus()
  const node = (began: number) => {
    let monotonic = began
    const clock = createDatabaseClock({ wall: () => time, monotonic: () => monotonic })
    const learn = async () => {
      if (isAway) throw new Error('the database is away')
      clock.learn(time, { from: monotonic, until: monotonic })
    }
    const presenceOf = async () => presence
    const parts = openVisitParts({ db, bus, clock, learn, running: () => monotonic, presenceOf })
    const run = (ms: number) => {
      monotonic += ms
    }
    return { ...parts, run, isAsleep: false }
  }
  const [asked, other] = [node(5_000), node(90_000)]
  /** By visit: at which tick its page asks again. */
  const pages = new Map<string, number>()
  let [ticks, asks] = [0, 0]
  const call = async (key: string) => {
    const place = await asked.lights.find('desk')
    if (!place) throw new Error('there is one')
    const networks = { address: key, home: key, site: key }
    const begun = await asked.visits.begin(place, { name: 'Maria', key, networks })
    if (begun.kind !== 'visiting') throw new Error(`it did not begin: ${begun.kind}`)
    pages.set(begun.visit.id, 0)
    return begun.visit.id
  }
  const tick = async () => {
    for (const one of [other, asked]) {
      if (one.isAsleep) continue
      if (isSweepHiccup && one === other && (ticks * step) % 4_000 < 1_000) isAway = true
      one.calls.tick()
      one.visits.tick()
      await settle()
      if (isSweepHiccup) isAway = false
    }
    // A page asks again once it was answered, which is after two seconds where there is nothing new; and soon where that failed.
    ticks += 1
    for (const [id, due] of pages) {
      if (ticks < due) continue
      asks += 1
      if (isHiccup && asks % 2 === 0) isAway = true
      await asked.visits
        .wait(id, null, AbortSignal.abort())
        .then(() => pages.set(id, ticks + placeTiming.holdFor / step))
        .catch(() => pages.set(id, ticks + placeTiming.againAfter / step))
      if (isHiccup) isAway = false
    }
    await settle()
  }
  return {
    ...{ asked, other, call, tick },
    leave: (id: string) => pages.delete(id),
    setAway(is: boolean) {
      isAway = is
    },
    /** Every other asking of a page fails, and nothing else does. */
    setHiccup(is: boolean) {
      isHiccup = is
    },
    /** One of four sweeps of the node that no page asks fails, and nothing else does. */
    setSweepHiccup(is: boolean) {
      isSweepHiccup = is
    },
    setClock(by: number) {
      time += by
    },
    setPresence(is: PersonPresence) {
      presence = is
    },
    /** Time goes by, and no node does anything. */
    standStill(ms: number) {
      time += ms
      for (const one of [asked, other]) one.run(ms)
    },
    /** The page of this visit asks now. */
    ask: (id: string) => asked.visits.wait(id, null, AbortSignal.abort()),
    bus,
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= step) {
        time += step
        for (const one of [asked, other]) if (!one.isAsleep) one.run(step)
        await tick()
      }
    },
    stateOf: async (id: string) => {
      const row = await own.selectFrom('visit').select('state').where('id', '=', id).executeTakeFirst()
      return row?.state
    },
  }
}

async function desk() {
  const db = await memoryDatabase()
  await addPairs(db, [['ann', 'ben']])
  const members = ['ann', 'ben']
  await insertPlace(db, { slug: 'desk', name: 'Desk', timeZone: 'UTC', members }, 1)
  return db
}

const happening = fc.record({
  what: fc.constantFrom('sleep', 'set', 'set', 'away', 'wait'),
  ms: fc.oneof(fc.integer({ min: 500, max: 20_000 }), fc.constantFrom(6_000, 6_500, 7_000, 7_500, 3_600_000)),
  isBack: fc.boolean(),
  after: fc.constantFrom(0, 500, 2_000, 8_000),
})

test('PV3.6 PV3.9 no visit ends while its page asks, whichever node sleeps, however the clock is set, and whenever the database is away; and soon after it has gone', async () => {
  const db = await desk()
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 6 }), async (happenings) => {
      const nodes = await twoNodes(db)
      const [staying, going] = [await nodes.call('one'), await nodes.call('two')]
      await nodes.pass(3_000)
      let sinceGone = 0
      for (const { what, ms, isBack, after } of happenings) {
        const short = Math.min(ms, 20_000)
        if (what === 'set') {
          // Nobody sets a clock and sets it again before every node has looked at it.
          await nodes.pass(2_000)
          nodes.setClock(isBack ? -ms : ms)
        }
        if (what === 'sleep') {
          nodes.other.isAsleep = true
          await nodes.pass(short)
          nodes.other.isAsleep = false
        } else if (what === 'away') {
          nodes.setAway(true)
          await nodes.pass(short)
          nodes.setAway(false)
        }
        await nodes.tick()
        await nodes.pass(after)
        expect(await nodes.stateOf(staying)).toBe('queued')
        sinceGone += 1
        if (sinceGone === 1) nodes.leave(going)
      }
      await nodes.pass(longestBelieved)
      expect([await nodes.stateOf(staying), await nodes.stateOf(going)]).toEqual(['queued', 'left'])
    }),
    { numRuns, ...seed },
  )
}, 3_600_000)

test('PV3.6 nobody is believed for longer since what another page asks fails now and then', async () => {
  const nodes = await twoNodes(await desk())
  const [staying, going] = [await nodes.call('one'), await nodes.call('two')]
  await nodes.pass(3_000)
  nodes.setHiccup(true)
  nodes.leave(going)
  await nodes.pass(placeTiming.leaseFor + 2_000)
  expect([await nodes.stateOf(staying), await nodes.stateOf(going)]).toEqual(['queued', 'left'])
  await nodes.pass(30_000)
  expect(await nodes.stateOf(staying)).toBe('queued')
})

test('PV3.6 no visit has a longer lease since a sweep fails now and then, at a node that no page asks', async () => {
  const nodes = await twoNodes(await desk())
  const [staying, going] = [await nodes.call('one'), await nodes.call('two')]
  await nodes.pass(3_000)
  nodes.leave(going)
  nodes.setSweepHiccup(true)
  await nodes.pass(placeTiming.leaseFor + 2_000)
  expect([await nodes.stateOf(staying), await nodes.stateOf(going)]).toEqual(['queued', 'left'])
})

test.each(['page asks', 'sweep is made'] as const)(
  'PV3.6 nobody loses their place since the whole service stood still, and nothing failed, whichever comes first: a %s',
  async (first) => {
    const nodes = await twoNodes(await desk())
    const [staying, going] = [await nodes.call('one'), await nodes.call('two')]
    await nodes.pass(3_000)
    nodes.leave(going)
    nodes.standStill(placeTiming.leaseFor + 1_000)
    if (first === 'page asks') expect(await nodes.ask(staying)).toMatchObject({ state: 'queued' })
    await nodes.pass(1_000)
    expect(await nodes.stateOf(staying)).toBe('queued')
    await nodes.pass(longestBelieved)
    expect([await nodes.stateOf(staying), await nodes.stateOf(going)]).toEqual(['queued', 'left'])
  },
)

test('PV3.6 an answer that is written as soon as the database is there again has the visitor, whose page could not say that it is', async () => {
  const nodes = await twoNodes(await desk())
  const device = deviceAt({ bus: nodes.bus, calls: () => nodes.asked.calls }, 'ann', 'ann-desk')
  nodes.setPresence(available)
  const visit = await nodes.call('one')
  await nodes.pass(2_000)
  expect(await nodes.stateOf(visit)).toBe('calling')
  const call = device.rang.at(-1) ?? ''
  nodes.setAway(true)
  await nodes.pass(placeTiming.leaseFor + 3_000)
  nodes.setAway(false)
  await nodes.asked.calls.answer(device.by(), call)
  await settle()
  expect(await nodes.stateOf(visit)).toBe('answered')
  expect(device.over).toMatchObject([{ outcome: 'answered', here: true }])
})

/** The time of one server, whose database and clocks answer when they are let, and a visit whose page is there. */
async function timeOfOne() {
  const own = await desk()
  const held = new Map<'time' | 'writes', Promise<void>>()
  const db = own.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      await held.get('writes')
      return result
    },
  })
  let [wall, monotonic] = [1_800_000_000_000, 5_000]
  const clock = { wall: () => wall, monotonic: () => monotonic }
  const time = createVisitTime({ db, clock, learn: async () => held.get('time'), running: () => monotonic })
  const { id } = await own.selectFrom('place').select('id').executeTakeFirstOrThrow()
  const networks = { address: 'one', home: 'one', site: 'one' }
  await insertVisit(own, { placeId: id, key: 'one', name: 'Maria', ...networks }, wall)
  time.tick()
  return {
    time,
    /** The answers are held back until what this returns is called. */
    hold: (what: 'time' | 'writes') => {
      const { promise, resolve } = Promise.withResolvers<void>()
      held.set(what, promise)
      return () => {
        held.delete(what)
        resolve()
      }
    },
    standStill() {
      wall += placeTiming.leaseFor + 1_000
      monotonic += placeTiming.leaseFor + 1_000
    },
    lapsed: async (now: number) => (await lapsedVisits(own, now)).length,
  }
}

test('PV3.6 that a server stood still is noticed by whoever asked for the time before, too', async () => {
  const { time, hold, standStill, lapsed } = await timeOfOne()
  const release = hold('time')
  const asked = time.now()
  standStill()
  release()
  expect(await lapsed(await asked)).toBe(0)
  time.tick()
  expect(await lapsed(await time.now())).toBe(0)
})

test('PV3.6 that a server stood still is not forgotten by a renewal that was sent before', async () => {
  const { time, standStill, lapsed } = await timeOfOne()
  standStill()
  time.tick()
  time.renewed()
  expect(await lapsed(await time.now())).toBe(0)
})

test('PV3.6 a server that stands still again while leases are written gives them once more', async () => {
  const { time, hold, standStill, lapsed } = await timeOfOne()
  standStill()
  time.tick()
  const release = hold('writes')
  const first = time.now()
  await settle()
  standStill()
  time.tick()
  release()
  await first
  expect(await lapsed(await time.now())).toBe(0)
})
