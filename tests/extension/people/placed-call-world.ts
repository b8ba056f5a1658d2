import type { Instant } from '../../../entrypoints/background/clocks.ts'
import {
  nextPlacedLook,
  nonePlaced,
  type PlacedCallEffect,
  type PlacedCallEvent,
  type PlacedCalls,
  placedViews,
  reducePlaced,
} from '../../../entrypoints/background/people/placed-call-reducer.ts'
import type { PlacedCallPhase } from '../../../messages/people.ts'
import type { PlacedCall as ToldCall } from '../../../protocol/people.ts'

/** A call as the server has it. */
interface ServerCall {
  told: ToldCall
  readonly deadline: number
}

/**
 * What the server does with what it is asked: all at once; no placing before it is well again; nothing; or all, without an
 * answer.
 */
export type ServerMood = 'well' | 'slow' | 'refuses' | 'mute'

/** A caller who is gone for so long has cancelled, in ms; and so long a call waits. */
const callerGone = 20_000
const waitsFor = 45_000

const isOver = ({ state }: ToldCall) => state !== 'placed' && state !== 'ringing' && state !== 'waiting'

/**
 * The real reducer of a device, the server's record of its calls, and a connection between them that loses what is under
 * way when it breaks. Each connection is to a node of its own, which deals with what it took when the connection is gone,
 * and knows nothing of what another one has not written yet. Time passes as told, with every look that is due.
 *
 * `tellsAll`: what it has written it tells each connection, whatever else it answers, and each new one (PL1.2).
 */
export function placedCallWorld({ tellsAll = false } = {}) {
  let time = 0
  let state: PlacedCalls = nonePlaced
  let connections = 0
  let open: { readonly number: number; toServer: (() => void)[]; toDevice: (() => void)[] } | null = null
  let goneSince: number | null = 0
  const server = new Map<string, ServerCall>()
  const entered: string[] = []
  const asked = new Set<string>()
  /** Cancels as they were said, each by id or key. */
  const cancels: string[] = []
  /** Calls that the device is keeping before it asks for them. */
  let keeping: string[] = []
  let mood: ServerMood = 'well'
  /** What has its turn after a placing of this key that came over this connection, and that placing. */
  let inHand: { readonly on: number; readonly key: string; readonly act: () => void }[] = []
  /** The last frame that the connection of now brought of each call. */
  let heard = new Map<string, ToldCall>()
  let presses = 0
  /** What comes of opening a room: the worker may die before it knows. */
  let opening: 'open' | 'failed' | 'dies' = 'open'

  const now = (): Instant => ({ mono: time, wall: time + 1_000_000 })

  function dispatch(event: PlacedCallEvent): void {
    const step = reducePlaced(state, event, now())
    state = step.state
    for (const effect of step.effects) carryOut(effect)
  }

  function carryOut(effect: PlacedCallEffect): void {
    const on = open
    if (effect.type === 'enter') {
      entered.push(effect.key)
      if (opening !== 'dies') dispatch({ type: 'room', key: effect.key, is: opening })
    }
    if (effect.type === 'keep') keeping.push(effect.key)
    if (effect.type !== 'place' && effect.type !== 'cancel') return
    if (on?.number !== effect.on) throw new Error('something is said on a connection that is gone')
    if (effect.type === 'place') {
      asked.add(effect.key)
      on.toServer.push(() => inTurn(on.number, effect.key, () => place(effect.key, effect.contact)))
    } else {
      cancels.push(effect.call)
      on.toServer.push(() => {
        const waits = inHand.some((one) => one.on === on.number && one.key === effect.call)
        const act = () => cancel(on.number, effect.key, effect.call)
        if (waits) inTurn(on.number, effect.call, act)
        else act()
      })
    }
  }

  function inTurn(on: number, key: string, act: () => void): void {
    inHand.push({ on, key, act })
    goOn()
  }

  /** The server deals with what it has in hand, where it is not slow. */
  function goOn(): void {
    if (mood === 'slow') return
    const acts = inHand
    inHand = []
    for (const { act } of acts) act()
  }

  function cancel(on: number, key: string, call: string): void {
    if (mood === 'refuses') return
    const found = [...server].find(([of, { told }]) => of === call || told.id === call)
    if (!found) return
    end(found[0], 'cancelled', 'cancelled')
    if (server.get(found[0])?.told.state === 'cancelled' && mood !== 'mute' && open?.number === on)
      open.toDevice.push(() => dispatch({ type: 'cancel-done', key }))
  }

  function keep(): void {
    for (const key of keeping.splice(0)) dispatch({ type: 'kept', key })
  }

  function place(key: string, contact: string): void {
    if (!server.has(key)) {
      if (mood === 'refuses') {
        open?.toDevice.push(() => dispatch({ type: 'refused', key, message: 'No.' }))
        return
      }
      const told: ToldCall = {
        ...{ id: `id-${key}`, contact, name: 'Ben', key, state: 'placed', disposition: null, ringsOn: 0 },
        ...{ why: null, busyUntil: null, at: time, left: waitsFor, reply: null, room: null },
      } as ToldCall
      server.set(key, { told, deadline: time + waitsFor })
    }
    if (mood !== 'mute' || tellsAll) tell(key)
  }

  function tell(key: string): void {
    const call = server.get(key)
    const on = open
    if (!call || !on) return
    const left = isOver(call.told) ? 0 : Math.max(0, call.deadline - time)
    const told = { ...call.told, left }
    on.toDevice.push(() => {
      heard.set(key, told)
      dispatch({ type: 'told', connection: on.number, call: told })
    })
  }

  function change(key: string, what: Partial<ToldCall>): void {
    const call = server.get(key)
    if (!call || isOver(call.told)) return
    call.told = { ...call.told, ...what }
    tell(key)
  }

  const end = (key: string, ends: ToldCall['state'], why: ToldCall['why'] = null) =>
    change(key, {
      state: ends,
      why: ends === 'missed' ? (why ?? 'no-answer') : null,
      room: ends === 'answered' ? 'https://r.example/1' : null,
      ringsOn: 0,
    })

  function serverLooks(): void {
    for (const [key, { deadline, told }] of server) {
      if (isOver(told)) continue
      if (goneSince !== null && time - goneSince >= callerGone) end(key, 'cancelled')
      else if (time >= deadline)
        end(key, 'missed', told.disposition === 'ringing' ? 'no-answer' : 'unreachable')
    }
  }

  function pass(ms: number): void {
    const until = time + ms
    while (time < until) {
      const look = nextPlacedLook(state, now())
      time = Math.min(until, time + Math.max(1, Math.min(500, look ?? 500)))
      keep()
      dispatch({ type: 'look' })
      serverLooks()
    }
  }

  return {
    connect: () => {
      if (open) return
      connections += 1
      open = { number: connections, toServer: [], toDevice: [] }
      heard = new Map()
      goneSince = null
      dispatch({ type: 'connection', number: connections, leased: false })
      if (tellsAll) for (const key of server.keys()) tell(key)
    },
    lease: (leased: boolean) => {
      if (open) dispatch({ type: 'connection', number: open.number, leased })
    },
    disconnect: () => {
      if (!open) return
      open = null
      heard = new Map()
      goneSince = time
      dispatch({ type: 'connection', number: null, leased: false })
    },
    /** The worker is killed, and another takes up what it kept. */
    restart: () => {
      open = null
      heard = new Map()
      goneSince ??= time
      keeping = []
      const kept = state.calls.filter(({ elsewhere, end: over }) => !elsewhere && !over)
      state = nonePlaced
      dispatch({
        type: 'restored',
        calls: kept.map((call) => ({
          ...call,
          asking: call.asking === 'no' ? 'no' : 'said',
          askedOn: null,
          late: false,
          room: call.room === 'opening' ? 'unknown' : call.room,
          told: call.told && { ...call.told, on: null },
          cancel: call.cancel && { said: null },
        })),
      })
    },
    press: () => {
      presses += 1
      const key = `k${presses}`
      dispatch({ type: 'pressed', key, contact: 'ben', name: 'Ben' })
      return key
    },
    cancel: (key: string) => dispatch({ type: 'cancelled', key }),
    closeWindow: (key: string) => dispatch({ type: 'window-closed', key }),
    /** The server tells of a call that this device did not place. */
    tell: (call: ToldCall) => {
      if (open) dispatch({ type: 'told', connection: open.number, call })
    },
    opens: (how: typeof opening) => {
      opening = how
    },
    is: (how: ServerMood) => {
      mood = how
      goOn()
    },
    refuse: (key: string) => dispatch({ type: 'refused', key, message: 'No.' }),
    callee: (key: string, does: 'ring' | 'lose' | 'answer' | 'decline') => {
      if (does === 'ring') change(key, { state: 'ringing', disposition: 'ringing', ringsOn: 1 })
      else if (does === 'lose')
        change(key, {
          state: 'waiting',
          disposition: server.get(key)?.told.disposition ?? 'unreachable',
          ringsOn: 0,
        })
      else if (server.get(key)?.told.state === 'ringing')
        end(key, does === 'answer' ? 'answered' : 'declined')
    },
    /** The browser has kept what it was given. */
    keep,
    /** What is under way arrives, each way in its order, once all is kept. */
    deliver: () => {
      for (let rounds = 0; rounds < 5; rounds += 1) {
        keep()
        for (const arrive of open?.toServer.splice(0) ?? []) arrive()
        for (const arrive of open?.toDevice.splice(0) ?? []) arrive()
      }
    },
    pass,
    phase: (key: string): PlacedCallPhase | undefined =>
      placedViews(state).find((call) => call.key === key)?.phase,
    views: () => placedViews(state),
    state: () => state,
    server: (key: string) => server.get(key)?.told,
    heard: (key: string) => heard.get(key),
    leased: () => state.connection.leased,
    entered,
    asked,
    cancels,
  }
}

export type PlacedCallWorld = ReturnType<typeof placedCallWorld>
