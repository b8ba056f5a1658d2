import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { VisitView } from '../../../protocol/place.ts'
import type { PersonPresence } from '../../../protocol/programs.ts'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import type { Database } from '../../../server/database/tables.ts'
import { insertPlace } from '../../../server/places/place-rows.ts'
import { settle } from '../calls/calls-of-nodes.ts'
import { addPairs, deviceAt, type PersonDevice } from '../calls/people-of-nodes.ts'
import { memoryDatabase } from '../people/memory-database.ts'
import { testClock } from '../support/test-clock.ts'
import { openVisitParts } from './visit-parts.ts'

/** How many random schedules; `npm run prove` has many more. */
const numRuns = Number(process.env.VISIT_SCHEDULES ?? 15)
const seed = process.env.TRUTH_SEED === undefined ? {} : { seed: Number(process.env.TRUTH_SEED) }

const members = ['ann', 'ben'] as const
const acts = [
  ...['call', 'call', 'call', 'hang-up', 'close', 'answer', 'answer', 'both', 'decline'],
  ...['lose', 'gain', 'gain', 'wait'],
] as const

const scheduled = fc.record({
  act: fc.constantFrom(...acts),
  who: fc.nat(1),
  visitor: fc.nat(3),
  /** What comes at the same moment, before anything of this has been done. */
  atOnce: fc.boolean(),
  after: fc.constantFrom(0, 0, 200, 1_000, 3_000, 8_000, 20_000),
})

type Scheduled = typeof scheduled extends fc.Arbitrary<infer S> ? S : never

const networksOf = (address: string) => ({ address, home: address, site: address })

/** A visitor's page: it asks as long as it is there, and has heard what it was told. */
interface Page {
  readonly id: string
  isThere: boolean
  hasHungUp: boolean
  last: VisitView
}

async function run(db: Database, name: string, steps: readonly Scheduled[]): Promise<void> {
  const [bus, clock] = [createInProcessBus(), testClock()]
  clock.standStill()
  const reachable = new Set<string>(members)
  const presenceOf = async (userId: string): Promise<PersonPresence> =>
    reachable.has(userId)
      ? { state: 'available', validFor: 9_000, until: null }
      : { state: 'offline', validFor: null, until: null }
  const { calls, lights, counts, visits, hungUp } = openVisitParts({ db, bus, clock, presenceOf })
  const devices = members.map((one) => deviceAt({ bus, calls: () => calls }, one, `${one}-desk`))
  const pages: Page[] = []
  const running: Promise<unknown>[] = []
  const begin = (act: Promise<unknown>) => void running.push(act.catch(() => {}))
  const gone = AbortSignal.abort()
  let made = 0

  const call = async (visitor: number) => {
    made += 1
    const key = `${name}-${made}`
    const seen = await lights.find('desk')
    if (!seen) throw new Error('there is a place')
    const begun = await visits.begin(seen, { name: 'Maria', key, networks: networksOf(`${visitor}`) })
    if (begun.kind === 'visiting')
      pages.push({ id: begun.visit.id, isThere: true, hasHungUp: false, last: begun.visit })
  }
  const pageOf = (visitor: number) => pages.filter(({ isThere }) => isThere)[visitor]
  const isEnd = ({ state }: VisitView) => state !== 'queued' && state !== 'calling'
  const ask = async (page: Page) => {
    const view = await visits.wait(page.id, null, gone)
    if (!view) return
    // What is over is so for good.
    if (isEnd(page.last)) expect(view.state).toBe(page.last.state)
    page.last = view
  }
  const hangUp = async (page: Page) => {
    page.hasHungUp = true
    await visits.end(page.id, true)
    await ask(page)
  }
  const lastRang = (device: PersonDevice) => device.rang.at(-1) ?? ''
  const pass = async (ms: number, by = 500) => {
    for (let left = ms; left > 0; left -= by) {
      clock.advance(Math.min(left, by))
      calls.tick()
      visits.tick()
      for (const page of pages) if (page.isThere) await ask(page)
      await settle()
    }
  }

  for (const { act, who, visitor, atOnce, after } of steps) {
    const device = devices[who]
    const page = pageOf(visitor)
    if (!device) continue
    if (act === 'call') begin(call(visitor))
    else if (act === 'hang-up' && page) begin(hangUp(page))
    else if (act === 'close' && page) page.isThere = false
    else if (act === 'answer') begin(calls.answer(device.by(), lastRang(device)))
    else if (act === 'both') for (const one of devices) begin(calls.answer(one.by(), lastRang(one)))
    else if (act === 'decline') begin(calls.decline(device.by(), lastRang(device)))
    else if (act === 'lose' || act === 'gain') {
      device[act]()
      if (act === 'lose') reachable.delete(device.userId)
      else reachable.add(device.userId)
    }
    if (!atOnce) await settle()
    await pass(after)
  }
  await Promise.race([Promise.all(running), settle()])
  // Long enough for whoever waits to have waited for as long as anybody may.
  await pass(120_000, 2_000)
  for (const page of pages) if (page.isThere) await visits.end(page.id, false)
  await pass(10_000)

  const rows = await db.selectFrom('visit').selectAll().execute()
  expect(rows.length).toBe(pages.length)
  for (const row of rows) {
    expect(row.endedAt, row.state).not.toBeNull()
    const page = pages.find(({ id }) => id === row.id)
    // The visitor has heard the end that the row says, as long as they were there for it.
    if (page?.isThere) expect(page.last.state).toBe(row.state)
    // Nobody waits in a room for whoever has hung up, and no room is over by a page that only goes.
    if (row.state === 'answered') expect(hungUp.has(row.callId ?? '')).toBe(page?.hasHungUp)
    const own = await db.selectFrom('call').selectAll().where('visit', '=', row.id).execute()
    for (const { id, userId, state, byDevice } of own) {
      expect(['answered', 'declined', 'cancelled', 'missed']).toContain(state)
      const device = devices.find((one) => one.userId === userId)
      const heard = device?.over.filter(({ call: of }) => of === id) ?? []
      // What they had missed until a colleague answered is taken from what they have missed.
      const wasMissed = ({ outcome }: (typeof heard)[number]) => outcome === 'missed' && state === 'answered'
      for (const one of heard.filter((each) => !wasMissed(each)))
        expect([one.outcome, one.here]).toEqual([state, device?.device === byDevice])
      if (device?.rang.includes(id)) expect(heard.length).toBeGreaterThan(0)
      // What a colleague has answered is nobody's to have missed, whether it ended before that or after.
      if (row.state === 'answered') expect(['answered', 'declined']).toContain(state)
      else expect(state).not.toBe('answered')
    }
    const ids = new Set(own.map(({ id }) => id))
    const here = devices.filter((device) =>
      device.over.some(
        ({ call: of, here: isHere, outcome }) => isHere && outcome === 'answered' && ids.has(of),
      ),
    )
    expect(here.length).toBe(row.state === 'answered' ? 1 : 0)
  }
  // Each end is counted once.
  const ends = Map.groupBy(rows, ({ state }) => state)
  expect(Object.fromEntries(counts.all().ended)).toEqual(
    Object.fromEntries([...ends].map(([state, own]) => [state, own.length])),
  )
  expect(calls.counts().active).toEqual({ placed: 0, ringing: 0, waiting: 0 })
}

test('PV3.7 PV3.3 PV3.6 PV3.12 in random schedules of visitors and members each visit ends once, all hear the end that its row says, and no room is left to who has hung up', async () => {
  const db = await memoryDatabase()
  await addPairs(db, [members])
  await insertPlace(db, { slug: 'desk', name: 'Desk', timeZone: 'UTC', members }, 1)
  let runs = 0
  await fc.assert(
    fc.asyncProperty(fc.array(scheduled, { minLength: 3, maxLength: 20 }), async (steps) => {
      runs += 1
      for (const table of ['call', 'visit'] as const) await db.deleteFrom(table).execute()
      await run(db, `r${runs}`, steps)
    }),
    { numRuns, ...seed },
  )
}, 3_600_000)
