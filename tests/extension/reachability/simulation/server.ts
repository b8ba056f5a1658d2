import { closeCodes } from '../../../../protocol/close-codes.ts'
import type { DeviceMessage, ServerMessage } from '../../../../protocol/line.ts'
import { defaultTiming } from '../../../../protocol/timing.ts'
import {
  emptyLeases,
  type LeaseEvent,
  type Leases,
  liveDevices,
  reduceLeases,
} from '../../../../server/presence/leases.ts'
import type { Agenda } from './agenda.ts'
import type { End, Pipe } from './network.ts'

export interface SimulatedServer {
  /** Takes a connection: where it hears, and where to give it the pipe that it speaks into. */
  readonly accept: () => { readonly end: End; readonly speakInto: (toDevice: Pipe) => void }
  readonly isUp: () => boolean
  readonly isHung: () => boolean
  /** Whether a living server would route a call to the device at this moment. */
  readonly holdsLease: () => boolean
  /** The true moment at which the lease of now runs out, or null. */
  readonly leaseEnds: () => number | null
  readonly crash: () => void
  readonly restart: () => void
  readonly hang: () => void
  readonly resume: () => void
  readonly revoke: () => void
  readonly allow: () => void
  readonly loseStorage: () => void
  readonly regainStorage: () => void
  readonly missRing: () => void
  /** The server's own side of every line breaks without a word to the device. */
  readonly dropLines: () => void
}

/** The server's real lease reducer, with a process around it that can crash, hang and run on a clock that drifts. */
export function createServer(agenda: Agenda, rate: number): SimulatedServer {
  let up = true
  let hung = false
  let held: (() => void)[] = []
  let storage = true
  let welcome = true
  let leases: Leases = emptyLeases
  let pipes = new Map<string, Pipe>()
  let lines = 0

  const clock = () => agenda.now() * rate
  const say = (line: string, message: ServerMessage) => pipes.get(line)?.send(message)

  function happen(event: LeaseEvent): void {
    const [next, effects] = reduceLeases(leases, event, clock())
    leases = next
    for (const effect of effects) {
      if (effect.kind === 'grant') say(effect.line, { type: 'lease', n: effect.n, leaseFor: effect.leaseFor })
      if (effect.kind === 'refuse') say(effect.line, { type: 'no-lease', n: effect.n, why: 'storage' })
      if (effect.kind === 'close') shut(effect.line, closeCodes[effect.why].code)
    }
  }

  function shut(line: string, code: number): void {
    pipes.get(line)?.close(code)
    pipes.delete(line)
  }

  /** A hung process hears nothing until it is resumed; then it hears everything, late. */
  const whenAwake = (act: () => void) => {
    if (hung) held.push(act)
    else act()
  }

  function greet(line: string, toDevice: Pipe): void {
    pipes.set(line, toDevice)
    say(line, { type: 'challenge', nonce: line })
  }

  function hear(line: string, message: DeviceMessage): void {
    if (!pipes.has(line)) return
    if (message.type === 'hello') {
      if (!welcome) {
        shut(line, closeCodes.sessionEnded.code)
        return
      }
      happen({ kind: 'opened', line, device: message.device })
      const account = {
        id: 'a',
        username: 'ann',
        email: 'ann@reachable.example',
        name: 'Ann',
        picture: null,
        language: null,
      }
      say(line, { type: 'welcome', protocol: 1, timing: defaultTiming, account, missed: [], ringing: [] })
    }
    if (message.type === 'beat') {
      const { n } = message
      const { leaseFor } = defaultTiming
      if (storage) happen({ kind: 'beat', line, n, arrived: clock(), leaseFor })
      else happen({ kind: 'beat-in-vain', line, n })
    }
  }

  const everyLine = (kind: 'session-ended' | 'ring-unanswered') => {
    for (const line of [...pipes.keys()]) happen({ kind, line })
  }

  return {
    accept: () => {
      const line = String(++lines)
      const end: End = {
        message: (frame) => whenAwake(() => hear(line, frame as DeviceMessage)),
        closed: () => whenAwake(() => pipes.delete(line) && happen({ kind: 'closed', line })),
      }
      return { end, speakInto: (toDevice) => whenAwake(() => up && greet(line, toDevice)) }
    },
    isUp: () => up,
    isHung: () => hung,
    holdsLease: () => up && !hung && liveDevices(leases, clock()).length > 0,
    leaseEnds: () => {
      const ends = liveDevices(leases, clock()).map(({ until }) => (until ?? 0) / rate)
      return ends.length > 0 ? Math.max(...ends) : null
    },
    crash: () => {
      for (const pipe of pipes.values()) pipe.close(1006)
      up = false
      hung = false
      held = []
      pipes = new Map()
      leases = emptyLeases
    },
    restart: () => {
      up = true
    },
    hang: () => {
      hung = true
    },
    resume: () => {
      hung = false
      const late = held
      held = []
      for (const act of late) act()
    },
    revoke: () => {
      welcome = false
      everyLine('session-ended')
    },
    allow: () => {
      welcome = true
    },
    loseStorage: () => {
      storage = false
      happen({ kind: 'storage-lost' })
    },
    regainStorage: () => {
      storage = true
    },
    missRing: () => everyLine('ring-unanswered'),
    dropLines: () => {
      for (const line of [...pipes.keys()]) {
        pipes.delete(line)
        happen({ kind: 'closed', line })
      }
    },
  }
}
