import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSettled } from '../../../entrypoints/background/calls/leg.ts'
import { callsOnDevice, missedCall } from './calls-on-device.ts'

const ids = ['a', 'b']
/** `TRUTH_SCHEDULES=1000000 npx vitest run calls-property` lives through more. */
const numRuns = Number(process.env.TRUTH_SCHEDULES ?? 2_000)

/** A device, and what an observer beside it knows, who looks at it each time that time has done something. */
function observed(look: () => void) {
  const device = callsOnDevice()
  /** When each call's button was pressed, by the observer's own watch. */
  const pressedAt = new Map<string, number>()
  const rungOn = new Map<string, number>()
  const timesRung = new Map<string, number>()
  const told = new Set<string>()
  let connection: number | null = null
  let newest = 0
  let leased = false
  const leg = (id: string) => device.state().legs.find((one) => one.id === id)
  const connect = (next: number | null, proven: boolean) => {
    connection = next
    leased = next !== null && proven
    device.connect(connection, leased)
  }
  return {
    ...device,
    rungOn,
    timesRung,
    pressedAt,
    told,
    leg,
    pass: (ms: number) => device.pass(ms, look),
    /** Looks that are due at this very moment are done. */
    settle: () => device.pass(0),
    // Whoever wakes looks first.
    leap: (ms: number) => {
      device.leap(ms)
      device.dispatch({ type: 'look' })
    },
    press: (button: 'answer' | 'decline', id: string) => {
      if (isUnpressed(device.phase(id))) pressedAt.set(id, device.time())
      device.press(button, id)
    },
    connection: () => ({ number: connection, leased }),
    reconnect: (proven: boolean) => connect(++newest, proven),
    prove: (proven: boolean) => connect(connection, proven),
    lose: () => connect(null, false),
    rings: (id: string) => {
      if (connection === null) return
      const ring = `${id} ${connection}`
      timesRung.set(ring, (timesRung.get(ring) ?? 0) + 1)
      if (!isSettled(leg(id) ?? { end: null })) rungOn.set(id, connection)
      device.ring(connection, id)
    },
  }
}

const isUnpressed = (phase: unknown) =>
  phase === 'ringing' || phase === 'checking' || phase === 'connection-lost'

type Device = ReturnType<typeof observed>
type Step = readonly [name: string, does: (device: Device) => unknown]

const id = fc.constantFrom(...ids)
const step = (name: string, does: Step[1]): Step => [name, does]
const time = fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 60_000 }))

// fast-check prints the names when a property does not hold.
const sequences: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc
      .boolean()
      .map((leased) => step(`reconnected, leased: ${leased}`, ({ reconnect }) => reconnect(leased))),
    fc.boolean().map((leased) => step(`leased: ${leased}`, ({ prove }) => prove(leased))),
    fc.constant(step('connection lost', ({ lose }) => lose())),
    id.map((call) => step(`ring ${call}`, ({ rings }) => rings(call))),
    // By chance alone few lives would come so far.
    id.map((call) =>
      step(`reconnected, rung and answered ${call}`, ({ reconnect, rings, press }) => {
        reconnect(true)
        rings(call)
        press('answer', call)
      }),
    ),
    id.map((call) => step(`shown ${call}`, ({ dispatch }) => dispatch({ type: 'shown', call }))),
    fc
      .tuple(id, fc.constantFrom('answer', 'decline'))
      .map(([call, button]) => step(`${button} ${call}`, ({ press }) => press(button, call))),
    fc
      .tuple(id, fc.constantFrom('answered', 'declined', 'cancelled', 'missed'), fc.boolean())
      .map(([call, outcome, here]) =>
        step(`over ${call} ${outcome} ${here}`, ({ told, dispatch }) => {
          told.add(`${call} ${outcome}`)
          const room = here && outcome === 'answered' ? 'https://r.example/1' : undefined
          dispatch({ type: 'over', call, outcome, here, room })
        }),
      ),
    fc.tuple(fc.subarray(ids), fc.subarray(ids)).map(([ringing, missed]) =>
      step(`welcome, rings: ${ringing}, missed: ${missed}`, ({ told, welcome }) => {
        for (const call of missed) told.add(`${call} missed`)
        welcome(
          ringing,
          missed.map((call) => missedCall(call)),
        )
      }),
    ),
    time.map((ms) => step(`${ms} ms`, ({ pass }) => pass(ms))),
    time.map((ms) => step(`asleep for ${ms} ms`, ({ leap }) => leap(ms))),
  ),
  { maxLength: 40 },
)

/** Runs many random sequences of steps, and checks the device after each step. */
function always(checker: () => (device: Device) => void, atEnd: (device: Device) => void = () => {}): void {
  const holds = fc.property(sequences, (sequence) => {
    const check = checker()
    const device: Device = observed(() => check(device))
    for (const [, does] of sequence) {
      does(device)
      check(device)
    }
    atEnd(device)
  })
  fc.assert(holds, { numRuns })
}

test('P7.1 whatever happens, a call rings only on a proven connection, the one that brought it', () => {
  let rang = 0
  always(() => ({ phase, connection, rungOn }) => {
    for (const call of ids.filter((one) => phase(one) === 'ringing')) {
      rang += 1
      expect(connection()).toEqual({ number: rungOn.get(call), leased: true })
    }
  })
  expect(rang).toBeGreaterThan(numRuns / 4)
}, 600_000)

test('P7.3 whatever happens, "Answering…" and "Declining…" give way to a sentence or a result within 5 s', () => {
  let waited = 0
  always(() => {
    const toldAt = new Map<string, number>()
    return ({ phase, time, pressedAt, effects, settle }) => {
      settle()
      for (const effect of effects())
        if (effect.type === 'send' && effect.message.type !== 'rings') toldAt.set(effect.message.call, time())
      for (const call of ids.filter((one) => /^(answer|declin)ing$/.test(String(phase(one))))) {
        waited += 1
        const since = Math.max(pressedAt.get(call) ?? 0, toldAt.get(call) ?? 0)
        expect(time() - since).toBeLessThan(5_000)
      }
    }
  })
  expect(waited).toBeGreaterThan(numRuns / 100)
}, 600_000)

test('P7.4 whatever happens, each press is said at most once a connection and once a ring there, and only on a proven one', () => {
  let said = 0
  always(() => {
    const before = new Map<string, number>()
    return ({ effects, leg, connection, time, timesRung }) => {
      for (const effect of effects()) {
        if (effect.type !== 'send') continue
        expect(connection()).toEqual({ number: effect.connection, leased: true })
        const { type, call } = effect.message
        if (type === 'rings') continue
        said += 1
        // A call that was forgotten and rings anew may be pressed anew.
        const press = `${type} ${call} ${effect.connection} ${leg(call)?.press?.at.mono ?? time()}`
        const times = (before.get(press) ?? 0) + 1
        expect(times).toBeLessThanOrEqual(1 + (timesRung.get(`${call} ${effect.connection}`) ?? 0))
        before.set(press, times)
      }
    }
  })
  expect(said).toBeGreaterThan(numRuns / 100)
}, 600_000)

test('P7.5 whatever happens, a room is entered once and only after Answer was pressed here', () => {
  let entered = 0
  always(() => {
    const answered = new Set<string>()
    const rooms: string[] = []
    return ({ effects, state, leg }) => {
      for (const call of ids) if (leg(call)?.press?.button === 'answer') answered.add(call)
      for (const { type } of effects())
        if (type === 'enter') {
          entered += 1
          rooms.push(state().entered.at(-1) ?? '')
        }
      expect(new Set(rooms).size).toBe(rooms.length)
      for (const call of rooms) expect(answered).toContain(call)
    }
  })
  expect(entered).toBeGreaterThan(numRuns / 100)
}, 600_000)

test('C8.6 P7.2 whatever happens, a call stays as it was told to have ended, is never called missed untold, and goes', () => {
  let ended = 0
  always(
    () => {
      let settled = new Map<string, unknown>()
      return ({ state, told, leg }) => {
        for (const [call, end] of settled) expect([end, undefined]).toContain(leg(call)?.end)
        settled = new Map(
          state()
            .legs.filter(isSettled)
            .map((one) => [one.id, one.end]),
        )
        ended += settled.size
        for (const call of ids) if (leg(call)?.end?.how === 'missed') expect(told).toContain(`${call} missed`)
      }
    },
    ({ pass, state }) => {
      pass(200_000)
      expect(state().legs).toEqual([])
    },
  )
  expect(ended).toBeGreaterThan(numRuns)
}, 600_000)

test('U5.12 whatever happens, a call tells since when it first rang here, and that it rings again once it has stopped', () => {
  let again = 0
  always(() => {
    const first = new Map<string, number>()
    const stopped = new Set<string>()
    return ({ call, phase, time }) => {
      for (const id of ids) {
        if (phase(id) === undefined) {
          first.delete(id)
          stopped.delete(id)
        } else if (phase(id) === 'ringing') {
          if (!first.has(id)) first.set(id, time() + 1_000_000)
          expect(call(id)).toMatchObject({ firstRungAt: first.get(id), rungAgain: stopped.has(id) })
          if (stopped.has(id)) again += 1
        } else if (first.has(id)) stopped.add(id)
      }
    }
  })
  expect(again).toBeGreaterThan(numRuns / 100)
}, 600_000)
