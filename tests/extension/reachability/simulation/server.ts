import { type CloseReason, closeCodes } from '../../../../protocol/close-codes.ts'
import type { DeviceMessage, ServerMessage } from '../../../../protocol/connection.ts'
import { defaultTiming } from '../../../../protocol/timing.ts'
import {
  anyRanOut,
  emptyLeases,
  type LeaseEffect,
  type LeaseEvent,
  type Leases,
  liveDevices,
  reduceLeases,
} from '../../../../server/presence/leases.ts'
import type { Agenda } from './agenda.ts'
import type { End, Pipe } from './network.ts'
import { createSwitchboard, type Switchboard } from './switchboard.ts'

export interface SimulatedServer {
  /** Takes a connection: its name here, where the server hears, and where to give it the pipe that it speaks into. */
  readonly accept: () => {
    readonly line: string
    readonly end: End
    readonly speakInto: (toDevice: Pipe) => void
  }
  readonly switchboard: Switchboard
  readonly clock: () => number
  readonly isUp: () => boolean
  readonly isHung: () => boolean
  /** Whether a living server would route a call by this line at this moment. */
  readonly wouldRing: (line: string) => boolean
  /** The true moment at which the line's lease of now runs out, or null. */
  readonly leaseEnds: (line: string) => number | null
  readonly crash: () => void
  readonly restart: () => void
  // Each of these gives back what mends it, and mends only what it broke.
  readonly hang: () => () => void
  readonly slowDown: (by: number) => () => void
  readonly revoke: () => () => void
  readonly loseStorage: () => () => void
  readonly refuse: (why: CloseReason) => () => void
  readonly missRing: () => void
  /** The server's own side of every line breaks without a word to the device. */
  readonly dropLines: () => void
}

export interface ServerHooks {
  /** The server lets go of what it promised by a line, and says so on it. */
  readonly told: (line: string) => void
  /** Devices are told that a call is over. */
  readonly callOver: (call: string) => void
}

const account = {
  id: 'a',
  username: 'ann',
  email: 'ann@reachable.example',
  name: 'Ann',
  picture: null,
  language: null,
}

/** The server's real lease reducer, with a process around it that can crash, hang and run on a clock that drifts. */
export function createServer(
  agenda: Agenda,
  rate: number,
  random: () => number,
  hooks: ServerHooks,
): SimulatedServer {
  let crashes = 0
  let hangs = 0
  let held: (() => void)[] = []
  let storageLosses = 0
  let revocations = 0
  let refusals: readonly CloseReason[] = []
  let slownesses: readonly number[] = []
  let leases: Leases = emptyLeases
  let pipes = new Map<string, Pipe>()
  let lines = 0
  /** Counts starts, so that what a process had begun is not finished by the next. */
  let start = 0

  const clock = () => agenda.now() * rate
  const say = (line: string, message: ServerMessage) => pipes.get(line)?.send(message)

  function dispatch(event: LeaseEvent): readonly LeaseEffect[] {
    const before = leases
    const [next, effects] = reduceLeases(leases, event, clock())
    leases = next
    reportLost(before, effects.some((effect) => effect.kind === 'outrank') ? event : null)
    for (const effect of effects) carryOut(effect)
    sweepAtNextEnd()
    return effects
  }

  /** Calls hear of every line that can ring no more. */
  function reportLost(before: Leases, replacing: LeaseEvent | null): void {
    for (const [line, { until }] of before.lines) {
      const after = leases.lines.get(line)
      if (!after && replacing?.kind === 'opened') switchboard.lost(line, replacing.line)
      else if (!after || (until !== null && after.until === null)) switchboard.lost(line, null)
    }
  }

  let sweptFor: number | null = null
  /** The shared sweep finds a lease that ran out within 100 ms. */
  function sweepAtNextEnd(): void {
    let next: number | null = null
    for (const { until } of leases.lines.values()) if (until !== null) next = Math.min(next ?? until, until)
    if (next === null || next === sweptFor) return
    sweptFor = next
    const begun = start
    agenda.at(next / rate + random() * 100, () =>
      whenAwake(() => begun === start && crashes === 0 && sweep()),
    )
  }

  function carryOut(effect: LeaseEffect): void {
    switch (effect.kind) {
      case 'grant':
        say(effect.line, { type: 'lease', n: effect.n, leaseFor: effect.leaseFor })
        if (effect.gained) switchboard.leaseGained(effect.line)
        return
      case 'refuse':
        hooks.told(effect.line)
        say(effect.line, { type: 'no-lease', n: effect.n, why: 'storage' })
        return
      case 'outrank':
        say(effect.line, { type: 'outranked', boot: effect.boot, live: effect.live })
        return
      case 'close':
        hooks.told(effect.line)
        shut(effect.line, effect.why)
        return
      case 'unreachable':
        return
    }
  }

  function shut(line: string, why: CloseReason): void {
    pipes.get(line)?.close(closeCodes[why].code)
    pipes.delete(line)
  }

  /** A hung process hears nothing until it is resumed; then it hears everything, late. */
  const whenAwake = (act: () => void) => {
    if (hangs > 0) held.push(act)
    else act()
  }

  /** A slow process takes its time over each thing, and another over the next. */
  function inTime(act: () => void): void {
    const begun = start
    const slowness = Math.max(0, ...slownesses)
    if (slowness === 0) act()
    else agenda.at(agenda.now() + random() * slowness, () => whenAwake(() => begun === start && act()))
  }

  function greet(line: string, toDevice: Pipe): void {
    pipes.set(line, toDevice)
    say(line, { type: 'challenge', nonce: line })
  }

  function hear(line: string, message: DeviceMessage): void {
    if (!pipes.has(line)) return
    if (message.type === 'hello') inTime(() => answerHello(line, message))
    if (message.type === 'beat') {
      const arrived = clock()
      inTime(() => answerBeat(line, message.n, arrived))
    }
    const device = leases.lines.get(line)?.device
    if (device !== undefined) switchboard.heard(line, device, message)
    if (message.type === 'goodbye') {
      dispatch({ kind: 'closed', line })
      pipes.delete(line)
    }
  }

  function answerHello(line: string, hello: Extract<DeviceMessage, { type: 'hello' }>): void {
    if (!pipes.has(line)) return
    const refused = refusals[0] ?? (revocations > 0 ? 'sessionEnded' : null)
    if (refused) {
      shut(line, refused)
      return
    }
    const { device, order, takeOver } = hello
    const effects = dispatch({ kind: 'opened', line, device, order, takeOver })
    if (effects.some((effect) => effect.kind === 'close' && effect.line === line)) return
    const [missed, ringing] = [switchboard.missed(), switchboard.ringing()]
    say(line, { type: 'welcome', protocol: 1, timing: defaultTiming, account, missed, ringing })
  }

  function answerBeat(line: string, n: number, arrived: number): void {
    const { leaseFor } = defaultTiming
    if (storageLosses === 0) dispatch({ kind: 'beat', line, n, arrived, leaseFor })
    else dispatch({ kind: 'beat-in-vain', line, n })
  }

  const everyLine = (kind: 'session-ended' | 'ring-unanswered') => {
    for (const line of [...pipes.keys()]) dispatch({ kind, line })
  }

  /** The shared sweep: the real one looks every 100 ms whether something ran out. */
  const sweep = () => {
    if (anyRanOut(leases, clock())) dispatch({ kind: 'looked' })
  }

  const liveUntil = (line: string) => {
    const until = leases.lines.get(line)?.until ?? null
    return until !== null && until > clock() ? until : null
  }

  const switchboard = createSwitchboard(agenda, {
    clock,
    rate,
    random,
    isUp: () => crashes === 0,
    whenAwake,
    canWrite: () => storageLosses === 0,
    live: () => liveDevices(leases, clock()),
    lines: () => [...leases.lines.values()],
    say,
    ringUnanswered: (line) => dispatch({ kind: 'ring-unanswered', line }),
    over: hooks.callOver,
  })

  return {
    switchboard,
    clock,
    accept: () => {
      lines += 1
      const line = String(lines)
      const end: End = {
        message: (frame) => whenAwake(() => hear(line, frame as DeviceMessage)),
        closed: () => whenAwake(() => pipes.delete(line) && dispatch({ kind: 'closed', line })),
      }
      return { line, end, speakInto: (toDevice) => whenAwake(() => crashes === 0 && greet(line, toDevice)) }
    },
    isUp: () => crashes === 0,
    isHung: () => hangs > 0,
    wouldRing: (line) => crashes === 0 && hangs === 0 && storageLosses === 0 && liveUntil(line) !== null,
    leaseEnds: (line) => {
      const until = liveUntil(line)
      return until === null ? null : until / rate
    },
    crash: () => {
      for (const [line, pipe] of pipes) {
        hooks.told(line)
        pipe.close(1006)
      }
      start += 1
      crashes += 1
      hangs = 0
      held = []
      pipes = new Map()
      leases = emptyLeases
      switchboard.crashed()
    },
    restart: () => {
      crashes -= 1
      if (crashes === 0) switchboard.restarted()
    },
    hang: () => {
      // A process that is not there cannot hang.
      if (crashes > 0) return () => {}
      hangs += 1
      const begun = start
      return () => {
        if (begun !== start) return
        hangs -= 1
        if (hangs > 0) return
        const late = held
        held = []
        for (const act of late) act()
        sweep()
      }
    },
    slowDown: (by) => {
      slownesses = [...slownesses, by]
      return () => {
        slownesses = without(slownesses, by)
      }
    },
    revoke: () => {
      revocations += 1
      whenAwake(() => everyLine('session-ended'))
      return () => {
        revocations -= 1
      }
    },
    loseStorage: () => {
      storageLosses += 1
      whenAwake(() => dispatch({ kind: 'storage-lost' }))
      return () => {
        storageLosses -= 1
        whenAwake(sweep)
      }
    },
    missRing: () => whenAwake(() => everyLine('ring-unanswered')),
    refuse: (why) => {
      refusals = [...refusals, why]
      return () => {
        refusals = without(refusals, why)
      }
    },
    dropLines: () =>
      whenAwake(() => {
        for (const line of [...pipes.keys()]) {
          pipes.delete(line)
          dispatch({ kind: 'closed', line })
        }
      }),
  }
}

/** The list without one of those that are `one`. */
function without<T>(list: readonly T[], one: T): readonly T[] {
  const at = list.indexOf(one)
  return list.filter((_, index) => index !== at)
}
