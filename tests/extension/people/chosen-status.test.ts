import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  choiceToSay,
  noStatus,
  reduceStatus,
  type StatusEvent,
  type StatusState,
  statusNow,
} from '../../../entrypoints/background/people/chosen-status.ts'
import type { ChosenStatus, Status } from '../../../protocol/people.ts'

/** A device, a server that gives each change a revision, and a connection that may lose what is under way. */
function world() {
  let state: StatusState = noStatus
  let time = 0
  let chosen = 0
  let connection: number | null = null
  let connections = 0
  let server: Status = { status: 'available', until: null, revision: 0 }
  let toServer: (() => void)[] = []
  let toDevice: (() => void)[] = []

  const dispatch = (event: StatusEvent) => {
    state = reduceStatus(state, event, time)
  }

  function say(): void {
    const choice = choiceToSay(state, connection)
    if (!choice || connection === null) return
    const { n, status, until } = choice
    dispatch({ type: 'said', n, connection })
    toServer.push(() => {
      if (until !== null && until <= time) {
        toDevice.push(() => dispatch({ type: 'refused', n }))
        return
      }
      const before = server
      if (server.status !== status || server.until !== until) change(status, until)
      toDevice.push(() => dispatch({ type: 'taken', n }))
      if (server !== before) tell()
    })
  }

  const change = (status: ChosenStatus, until: number | null) => {
    server = { status, until, revision: server.revision + 1 }
  }

  function tell(): void {
    const status = server
    if (connection !== null) toDevice.push(() => dispatch({ type: 'told', status }))
  }

  return {
    choose: (status: ChosenStatus) => {
      chosen += 1
      dispatch({ type: 'chosen', status, until: status === 'busy' ? time + 60_000 : null, n: chosen })
      say()
    },
    elsewhere: (status: ChosenStatus) => {
      change(status, status === 'busy' ? time + 60_000 : null)
      tell()
    },
    connect: () => {
      if (connection !== null) return
      connections += 1
      connection = connections
      tell()
      say()
    },
    cut: () => {
      connection = null
      toServer = []
      toDevice = []
    },
    deliver: () => {
      for (let rounds = 0; rounds < 4; rounds += 1) {
        for (const arrive of toServer.splice(0)) arrive()
        for (const arrive of toDevice.splice(0)) arrive()
      }
    },
    pass: (ms: number) => {
      time += ms
      dispatch({ type: 'look' })
    },
    shown: () => statusNow(state, time),
    server: () => statusNow({ told: server, choice: null }, time),
    choice: () => state.choice,
  }
}

const status = fc.constantFrom<ChosenStatus>('available', 'away', 'busy', 'invisible')
const step = fc.oneof(
  fc.record({ do: fc.constant('choose' as const), status }),
  fc.record({ do: fc.constant('elsewhere' as const), status }),
  fc.record({
    do: fc.constantFrom('connect' as const, 'cut' as const, 'deliver' as const, 'deliver' as const),
  }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
)

test('PX3.1 PX3.2 whatever is chosen where, and lost on the way, device and server agree once all is mended', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (schedule) => {
      const { choose, elsewhere, pass, shown, server, choice, ...others } = world()
      for (const one of schedule) {
        if (one.do === 'choose') {
          choose(one.status)
          expect(shown()).toMatchObject({ chosen: one.status, confirmed: false })
        } else if (one.do === 'elsewhere') elsewhere(one.status)
        else if (one.do === 'pass') pass(one.ms)
        else others[one.do]()
      }
      others.cut()
      others.connect()
      others.deliver()
      pass(5_000)
      others.deliver()
      expect(choice()).toBeNull()
      expect(shown()).toEqual(server())
    }),
    { numRuns: 2_000 },
  )
})

test('PX3.6 before the server told of a status none is known, and one that is chosen meanwhile is unconfirmed', () => {
  const one = world()
  expect(one.shown()).toBeNull()
  one.choose('invisible')
  expect(one.shown()).toEqual({ chosen: 'invisible', until: null, confirmed: false })
  one.connect()
  one.deliver()
  expect(one.shown()).toEqual({ chosen: 'invisible', until: null, confirmed: true })
})

test('PX3.1 what the server took is not shown as unconfirmed for longer than its event may take', () => {
  const one = world()
  one.connect()
  one.deliver()
  one.choose('away')
  one.deliver()
  expect(one.shown()).toEqual({ chosen: 'away', until: null, confirmed: true })
  // It is so already: no event tells of it.
  one.choose('away')
  one.deliver()
  expect(one.shown()).toEqual({ chosen: 'away', until: null, confirmed: true })
})
