import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PlaceLight, placeTiming } from '../../../protocol/place.ts'
import { defaultTiming } from '../../../protocol/timing.ts'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import { parseRingMessage, ringSubject } from '../../../server/bus/person-message.ts'
import { seenAs } from '../../../server/people/seen-as.ts'
import { createWatchedPeople } from '../../../server/people/watching/watched-people.ts'
import { lightOf } from '../../../server/places/light-rule.ts'
import { createPresenceParts } from '../../../server/presence/presence-parts.ts'
import {
  beginLight,
  type LightEvent,
  reduceLight,
  type ShownLight,
  shownLight,
} from '../../../web/place/light-reducer.ts'

/** How many random schedules; `npm run prove` has many more. */
const numRuns = Number(process.env.TRUTH_SCHEDULES ?? 60)
const seed = process.env.TRUTH_SEED === undefined ? {} : { seed: Number(process.env.TRUTH_SEED) }

/** Milliseconds. */
const step = 100
const looksEvery = 300
const bounds = { clean: 10_000, silent: 15_000 }

const acts = [
  ...['leave', 'die', 'mute', 'come', 'come', 'come'],
  ...['hang', 'kill', 'serve', 'serve', 'drop', 'mend', 'mend', 'slow'],
  ...['hide', 'show', 'show', 'sleep', 'wait', 'wait'],
] as const

const scheduled = fc.record({
  act: fc.constantFrom(...acts),
  who: fc.nat(1),
  after: fc.constantFrom(0, 100, 700, 2_000, 5_000, 9_000, 14_000, 30_000),
  delay: fc.integer({ min: 0, max: 3_000 }),
})

type Scheduled = typeof scheduled extends fc.Arbitrary<infer S> ? S : never

/** Since when a call does not get through by something, and whether that came with a word. */
type Gone = { readonly at: number; readonly kind: 'clean' | 'silent' } | null

/** One device of a member: what it does, and what the server believes of it. */
interface Device {
  isThere: boolean
  /** Its heartbeats arrive. */
  isHeard: boolean
  leaseUntil: number | null
  heartbeatAt: number
  gone: Gone
}

/** Until all that was just said by the bus has been heard, and what was said of that. */
async function heard(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await null
}

/**
 * A place with two members, the server's own parts that tell of leases and hear of them, and a page with its own reducer,
 * in simulated time, with every fault that there is between a member's device and a visitor's eyes.
 *
 * @param calling so many visitors ring there all the while, each of whom takes one of those who are available.
 */
async function run(
  steps: readonly Scheduled[],
  calling: number,
): Promise<{ greens: number; isGreenAtEnd: boolean }> {
  let now = 1_000_000
  const clock = { monotonic: () => now, wall: () => now }
  const bus = createInProcessBus((_, error) => {
    throw error
  })
  const people = ['ann', 'ben'] as const
  const devices = new Map<string, Device>(
    people.map((one) => [
      one,
      { isThere: true, isHeard: true, leaseUntil: null, heartbeatAt: now, gone: null },
    ]),
  )
  const device = (one: string) => devices.get(one) as Device
  const watched = new Set<string>()
  const parts = createPresenceParts({
    ...{ clock, bus, timing: defaultTiming, node: 'node' },
    live: (one) => {
      const { leaseUntil } = device(one)
      if (leaseUntil === null || leaseUntil <= now) return []
      return [{ connection: one, device: one, n: null, until: leaseUntil }]
    },
    isIdle: () => false,
    isWatched: (one) => watched.has(one),
    markWatched: (one) => void watched.add(one),
  })
  const seen = createWatchedPeople({ clock, bus, hasOthers: false, onLeases: () => {}, onStatus: () => {} })
  for (const one of people) {
    bus.subscribe(ringSubject(one), (payload) => {
      if (parseRingMessage(payload).kind === 'watch') parts.watched(one)
      return undefined
    })
    seen.watch(one)
  }

  const look = (): PlaceLight => {
    const members = people.map((contact) => {
      const status = { status: 'available', until: null } as const
      const leases = seen.leases(contact)
      const known = { inCallFor: null, isHidden: false, isAsked: seen.isAsked(contact) }
      const { sees, validFor, until } = seenAs({ contact, status, leases, ...known }, now)
      return { state: sees, validFor, until }
    })
    const open = { isShut: false, canTalk: true, isOpen: true, staysFor: 60_000, opensAt: null }
    const facts = { ...open, members, waiting: 0, calling, isWorn: false }
    return { slug: 'desk', name: 'Desk', ...lightOf(facts), at: now }
  }

  let server: 'serves' | 'hangs' | 'is gone' = 'serves'
  let isConnected = true
  let delay = 50
  let asleepUntil = 0
  let wokeAt = Number.NEGATIVE_INFINITY
  /** Answers under way to the page. */
  let underWay: { readonly at: number; readonly event: LightEvent }[] = []
  let page = beginLight(look(), now, true)
  let drawn: ShownLight = shownLight(page, now)
  let serverGone: Gone = null
  let greens = 0
  /** Until when the style sheet lets what was drawn last be seen, in whole seconds from then. */
  let styledUntil = 0
  let drawnUntil = 0
  const style = () => {
    const until = page.known?.until ?? 0
    if (until === drawnUntil) return
    drawnUntil = until
    styledUntil = now + Math.floor(Math.max(0, until - now) / 1_000) * 1_000
  }
  style()

  /** Whether green may still be seen by this: it is there, or has not been gone for longer than the rule says. */
  const mayBelieve = (gone: Gone) => gone === null || now - gone.at <= bounds[gone.kind]

  const ask = (n: number) => {
    if (!isConnected || server === 'hangs') return
    const wait = delay
    if (server === 'is gone') underWay.push({ at: now + wait, event: { kind: 'failed', n } })
    else {
      const light = look()
      underWay.push({ at: now + wait, event: { kind: 'answered', n, light } })
    }
  }
  const onPage = (event: LightEvent) => {
    const [next, asks] = reduceLight(page, event, now)
    page = next
    if (asks !== null) ask(asks)
    drawn = shownLight(page, now)
    style()
  }

  const tick = async () => {
    now += step
    if (server === 'serves') {
      for (const one of people) {
        const it = device(one)
        if (it.isThere && it.isHeard && it.heartbeatAt <= now) {
          const before = it.leaseUntil !== null && it.leaseUntil > now
          it.leaseUntil = now + defaultTiming.leaseFor
          it.heartbeatAt = now + defaultTiming.heartbeatEvery
          if (before) parts.renewed(one)
          else parts.changed(one)
        } else if (it.leaseUntil !== null && it.leaseUntil <= now) {
          it.leaseUntil = null
          parts.changed(one)
        }
      }
      parts.tick()
      seen.tick()
      await heard()
    }
    const isAsleep = now < asleepUntil
    if (!isAsleep && asleepUntil !== 0) {
      asleepUntil = 0
      wokeAt = now
    }
    // A machine that sleeps holds the time of its style sheets too.
    if (isAsleep) {
      styledUntil += step
      return
    }
    const due = underWay.filter(({ at }) => at <= now)
    underWay = underWay.filter(({ at }) => at > now)
    for (const { event } of due) if (isConnected) onPage(event)
    if (now % looksEvery < step) onPage({ kind: 'tick' })
    check()
  }

  const check = () => {
    if (!page.isSeen || drawn.kind !== 'known' || drawn.light.state !== 'reachable') return
    if (now >= styledUntil) return
    greens += 1
    if (now - wokeAt <= 1_000) return
    const gone = people.map((one) => device(one).gone)
    const believed = { server: mayBelieve(serverGone), members: gone.filter(mayBelieve).length > calling }
    expect(believed, JSON.stringify({ now, gone, serverGone })).toEqual({ server: true, members: true })
  }

  const act = ({ act: what, who, delay: wait }: Scheduled) => {
    const one = people[who] ?? 'ann'
    const it = device(one)
    switch (what) {
      case 'leave':
        if (server === 'serves' && it.leaseUntil !== null && it.isHeard && it.isThere) {
          it.leaseUntil = null
          parts.changed(one)
          it.gone ??= { at: now, kind: 'clean' }
        } else it.gone ??= { at: now, kind: 'silent' }
        it.isThere = false
        return
      case 'die':
        it.isThere = false
        it.gone ??= { at: now, kind: 'silent' }
        return
      case 'mute':
        it.isHeard = false
        it.gone ??= { at: now, kind: 'silent' }
        return
      case 'come':
        it.isThere = true
        it.isHeard = true
        it.heartbeatAt = now
        it.gone = null
        return
      case 'hang':
        if (server === 'serves') {
          server = 'hangs'
          serverGone = { at: now, kind: 'silent' }
        }
        return
      case 'kill':
        server = 'is gone'
        underWay = []
        serverGone ??= { at: now, kind: 'clean' }
        return
      case 'serve':
        // A server that starts anew knows of no lease.
        if (server === 'is gone')
          for (const member of people) {
            device(member).leaseUntil = null
            device(member).heartbeatAt = now
            parts.changed(member)
          }
        server = 'serves'
        serverGone = null
        return
      case 'drop':
        isConnected = false
        return
      case 'mend':
        isConnected = true
        return
      case 'slow':
        delay = wait
        return
      case 'hide':
        return onPage({ kind: 'hidden' })
      case 'show':
        return onPage({ kind: 'seen' })
      case 'sleep':
        asleepUntil = now + 4 * wait
        return
      case 'wait':
        return
    }
  }

  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= step) await tick()
  }
  await heard()
  for (const one of steps) {
    act(one)
    await heard()
    await pass(one.after)
  }
  // All is mended: from then on it is green, and stays so.
  act({ act: 'serve', who: 0, after: 0, delay: 0 })
  isConnected = true
  delay = 50
  for (const one of people) act({ act: 'come', who: people.indexOf(one), after: 0, delay: 0 })
  onPage({ kind: 'seen' })
  await pass(45_000)
  const isGreenAtEnd = drawn.kind === 'known' && drawn.light.state === 'reachable'
  return { greens, isGreenAtEnd }
}

test('PV1.2 PV2.2 PV2.3 in random schedules of members, server, network and page no green outlives ten seconds after a clean end, and fifteen after a silent one', async () => {
  let greens = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(scheduled, { minLength: 2, maxLength: 25 }),
      fc.nat(1),
      async (steps, calling) => {
        const ran = await run(steps, calling)
        greens += ran.greens
        expect(ran.isGreenAtEnd).toBe(true)
      },
    ),
    { numRuns, ...seed },
  )
  // It has shown something, or nothing was tried.
  expect(greens).toBeGreaterThan(numRuns)
  expect(placeTiming.longestLight).toBeLessThan(bounds.clean)
}, 600_000)
