import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PlacedCallWorld, placedCallWorld, type ServerMood } from './placed-call-world.ts'

type Step =
  | { readonly do: 'connect' | 'disconnect' | 'deliver' | 'keep' | 'restart' | 'press' }
  | { readonly do: 'server'; readonly is: ServerMood }
  | { readonly do: 'lease'; readonly leased: boolean }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'cancel' | 'close'; readonly call: number }
  | {
      readonly do: 'callee'
      readonly call: number
      readonly does: 'ring' | 'lose' | 'answer' | 'decline'
    }

const call = fc.nat(3)
const always = (step: Step) => fc.constant(step)
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: always({ do: 'deliver' }) },
    { weight: 2, arbitrary: always({ do: 'press' }) },
    { weight: 2, arbitrary: always({ do: 'connect' }) },
    { weight: 1, arbitrary: always({ do: 'disconnect' }) },
    { weight: 1, arbitrary: always({ do: 'keep' }) },
    { weight: 1, arbitrary: always({ do: 'restart' }) },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom<ServerMood>('well', 'slow', 'refuses', 'mute')
        .map((is): Step => ({ do: 'server', is })),
    },
    { weight: 3, arbitrary: fc.boolean().map((leased): Step => ({ do: 'lease', leased })) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 30_000 }).map((ms): Step => ({ do: 'pass', ms })) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('cancel', 'close'), call)
        .map(([does, which]): Step => ({ do: does, call: which })),
    },
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.constantFrom('ring', 'lose', 'answer', 'decline'), call)
        .map(([does, which]): Step => ({ do: 'callee', call: which, does })),
    },
  ),
  { maxLength: 60 },
)

function carryOut(world: PlacedCallWorld, step: Step, pressed: string[], cancelled: Set<string>): void {
  const named = 'call' in step ? pressed[step.call] : undefined
  switch (step.do) {
    case 'press':
      pressed.push(world.press())
      break
    case 'lease':
      world.lease(step.leased)
      break
    case 'pass':
      world.pass(step.ms)
      break
    case 'server':
      world.is(step.is)
      break
    case 'cancel':
    case 'close':
      if (named === undefined) break
      if (step.do === 'cancel') world.cancel(named)
      else world.closeWindow(named)
      cancelled.add(named)
      break
    case 'callee':
      if (named !== undefined) world.callee(named, step.does)
      break
    default:
      world[step.do]()
  }
}

/** As what a server tells of it, where that is not called alike. */
const toldAs: Readonly<Partial<Record<string, string>>> = {
  'no-answer': 'missed',
  unreachable: 'missed',
  'room-not-opened': 'answered',
}

const runs = Number(process.env.PLACED_SCHEDULES ?? 500)

test('PX4.1 PX4.3 PX4.4 PX4.5 whatever breaks whenever, nothing is said that is not so, and device and server agree once all is mended', () => {
  fc.assert(
    fc.property(steps, (schedule) => {
      const world = placedCallWorld()
      const pressed: string[] = []
      const cancelled = new Set<string>()
      const ended = new Map<string, string>()
      for (const step of schedule) {
        const wasCancelled = new Set(cancelled)
        const before = world.entered.length
        carryOut(world, step, pressed, cancelled)
        for (const { key, phase } of world.views()) {
          if (phase.kind === 'ringing') {
            expect(world.leased()).toBe(true)
            expect(world.heard(key)?.state).toBe('ringing')
          }
          if (phase.kind === 'waiting') expect(world.heard(key)?.state).toBe('waiting')
          if (phase.kind === 'not-placed' && /not placed/.test(phase.message))
            expect(world.asked.has(key)).toBe(false)
          // What the server told as the end stays the end.
          const told = world.server(key)?.state
          if (phase.kind === 'over' && world.asked.has(key)) {
            if (phase.how === 'unknown') continue
            expect(told).toBe(toldAs[phase.how] ?? phase.how)
            if (phase.how === 'answered') expect(world.entered).toContain(key)
            expect(ended.get(key) ?? phase.how).toBe(phase.how)
            ended.set(key, phase.how)
          }
        }
        for (const key of world.entered.slice(before)) {
          expect(world.server(key)?.state).toBe('answered')
          expect(wasCancelled.has(key)).toBe(false)
        }
      }
      expect(new Set(world.entered).size).toBe(world.entered.length)

      world.is('well')
      world.disconnect()
      world.connect()
      world.lease(true)
      for (let n = 0; n < 10; n += 1) {
        world.deliver()
        world.pass(8_000)
      }
      world.deliver()
      for (const key of pressed) {
        const told = world.server(key)?.state
        expect(['placed', 'ringing', 'waiting']).not.toContain(told)
        const kind = world.phase(key)?.kind
        expect([undefined, 'over', 'not-placed']).toContain(kind)
      }
    }),
    { numRuns: runs },
  )
})

test('PX4.2 whatever is pressed whenever, within 5 s it is told how that stands', () => {
  fc.assert(
    fc.property(steps, (schedule) => {
      const world = placedCallWorld()
      for (const step of schedule) carryOut(world, step, [], new Set())
      const key = world.press()
      world.pass(4_501)
      const phase = world.phase(key)
      expect(phase?.kind === 'placing' && world.heard(key)?.state !== 'placed').toBe(false)
    }),
    { numRuns: runs },
  )
})

const lasts = (state: string | undefined) =>
  state !== undefined && ['placed', 'ringing', 'waiting'].includes(state)

/** On the same connection a cancel is said again after so long at most, in ms. */
const saidAgainWithin = 8_000

test('PX4.5 whatever breaks whenever, a call that was given up lasts no more soon after the server can hear and do that', () => {
  fc.assert(
    fc.property(steps, (schedule) => {
      const world = placedCallWorld({ tellsAll: true })
      const pressed: string[] = []
      const isShownAsOver = (key: string) => ['over', 'not-placed'].includes(world.phase(key)?.kind ?? '')
      const isShownToLast = (key: string) => world.phase(key) !== undefined && !isShownAsOver(key)
      const givenUp = new Set<string>()
      for (const step of schedule) {
        const over = new Set(pressed.filter(isShownAsOver))
        const lasting = new Set(pressed.filter(isShownToLast))
        const cancelled = new Set<string>()
        // What another device placed, for all that this one knows, is not kept.
        if (step.do === 'restart')
          for (const { key, elsewhere } of world.state().calls) if (elsewhere) givenUp.delete(key)
        carryOut(world, step, pressed, cancelled)
        for (const key of cancelled) if (lasting.has(key)) givenUp.add(key)
        // What the device took for over, without a word of the server's, it lets go of.
        for (const key of over) if (world.phase(key) === undefined) givenUp.delete(key)
        // Nor does it keep more than five of those, which may all come to that in one step.
        for (const key of pressed.slice(0, -5)) if (world.phase(key) === undefined) givenUp.delete(key)
      }
      world.is('well')
      world.connect()
      for (let passed = 0; passed <= saidAgainWithin; passed += 500) {
        world.deliver()
        world.pass(500)
      }
      world.deliver()
      for (const key of givenUp) expect(lasts(world.server(key)?.state)).toBe(false)
    }),
    { numRuns: runs },
  )
})
