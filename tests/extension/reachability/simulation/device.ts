import {
  driveReachability,
  type ReachabilityDriver,
} from '../../../../entrypoints/background/reachability/driver.ts'
import type { ReachabilityEffect } from '../../../../entrypoints/background/reachability/events.ts'
import type { Instant } from '../../../../entrypoints/background/reachability/instant.ts'
import { afterClose } from '../../../../protocol/close-codes.ts'
import type { DeviceMessage, ServerMessage } from '../../../../protocol/line.ts'
import { alarmEvery } from '../../../../protocol/timing.ts'
import type { Agenda } from './agenda.ts'
import type { Connection, Network } from './network.ts'
import type { SimulatedServer } from './server.ts'

export interface SimulatedDevice {
  /** What the toolbar shows: it stays as it was drawn when the worker dies. */
  readonly isGreen: () => boolean
  readonly isAsleep: () => boolean
  readonly kill: () => void
  readonly sleep: (countedByMono: boolean) => void
  readonly wake: () => void
  /** Someone sets the wall clock. */
  readonly setWall: (by: number) => void
  readonly sayOffline: (offline: boolean) => void
  /** What the device heard when it last asked the browser. */
  readonly heardOffline: () => boolean
}

export interface DeviceTraits {
  /** How fast the monotonic clock runs against true time. */
  readonly rate: number
  /** How late timers fire, in milliseconds. */
  readonly late: () => number
  readonly random: () => number
}

/** A person whose session was ended logs in again after so many milliseconds. */
const logInAgainAfter = 20_000

/** The extension's real driver and reducer, in a worker that can be killed on a machine that can sleep. */
export function createDevice(
  agenda: Agenda,
  network: Network,
  server: SimulatedServer,
  traits: DeviceTraits,
): SimulatedDevice {
  let green = false
  let worker: { driver: ReachabilityDriver; readonly dies: (() => void)[] } | null = null
  let signedIn = true
  let offline = 0
  let heardOffline = false
  let asleepSince: number | null = null
  let monoCountsSleep = true
  let sleptUncounted = 0
  let wallShift = 0
  let put: (() => void)[] = []

  function clocks(): Instant {
    const awake = asleepSince === null || monoCountsSleep ? agenda.now() : asleepSince
    return { mono: (awake - sleptUncounted) * traits.rate, wall: agenda.now() + wallShift }
  }

  /** Nothing runs on a machine asleep; what came meanwhile is found at waking. */
  const whenAwake = (act: () => void) => {
    if (asleepSince === null) act()
    else put.push(act)
  }

  function boot(): void {
    green = false
    let alive = true
    let connection: { readonly line: number; readonly pipes: Connection } | null = null
    const dies = [
      () => {
        alive = false
        connection?.pipes.toServer.close(1001)
      },
    ]

    function act(effect: ReachabilityEffect): void {
      if (effect.type === 'open') connect(effect.line)
      if (effect.type === 'close' && connection?.line === effect.line) {
        connection.pipes.toServer.close(1000)
        connection = null
      }
      if (effect.type === 'hello')
        say(effect.line, { type: 'hello', protocol: 1, token: 't', device: 'd', proof: effect.nonce })
      if (effect.type === 'beat') say(effect.line, { type: 'beat', n: effect.n })
      if (effect.type === 'session-ended') {
        signedIn = false
        agenda.at(agenda.now() + logInAgainAfter, logInAgain)
      }
    }

    function connect(line: number): void {
      const heard = (then: () => void) => whenAwake(() => alive && connection?.line === line && then())
      // A dead server refuses at once, and so does a browser that knows itself offline; a cut only swallows.
      if (network.isCut() ? offline > 0 : !server.isUp()) {
        agenda.at(agenda.now() + 1, () =>
          whenAwake(() => alive && driver.happen({ type: 'closed', line, after: 'retry' })),
        )
        return
      }
      const accepted = server.accept()
      const pipes = network.connect(
        {
          message: (frame) => heard(() => hear(line, frame as ServerMessage)),
          closed: (code) => heard(() => driver.happen({ type: 'closed', line, after: afterClose(code) })),
        },
        accepted.end,
      )
      if (!pipes) return
      accepted.speakInto(pipes.toDevice)
      connection = { line, pipes }
    }

    function say(line: number, message: DeviceMessage): void {
      if (connection?.line === line) connection.pipes.toServer.send(message)
    }

    function hear(line: number, message: ServerMessage): void {
      if (message.type === 'challenge') driver.happen({ type: 'challenged', line, nonce: message.nonce })
      if (message.type === 'welcome') driver.happen({ type: 'welcomed', line, timing: message.timing })
      if (message.type === 'lease')
        driver.happen({ type: 'leased', line, beat: message.n, leaseFor: message.leaseFor })
      if (message.type === 'no-lease') driver.happen({ type: 'not-leased', line, beat: message.n })
    }

    const driver = driveReachability({
      clocks,
      random: traits.random,
      online: () => {
        heardOffline = offline > 0
        return !heardOffline
      },
      act,
      after: (milliseconds, todo) =>
        agenda.at(agenda.now() + milliseconds / traits.rate + traits.late(), () =>
          whenAwake(() => alive && todo()),
        ),
      changed: () => {
        if (alive) green = driver.verdict().kind === 'reachable'
      },
    })
    worker = { driver, dies }
    if (signedIn) driver.happen({ type: 'wanted' })
  }

  function logInAgain(): void {
    signedIn = true
    whenAwake(() => worker?.driver.happen({ type: 'wanted' }))
  }

  function alarm(): void {
    whenAwake(() => {
      if (worker) worker.driver.happen({ type: 'woke' })
      else boot()
    })
    agenda.at(agenda.now() + alarmEvery, alarm)
  }

  boot()
  agenda.at(alarmEvery, alarm)

  return {
    isGreen: () => green,
    isAsleep: () => asleepSince !== null,
    kill: () => {
      for (const die of worker?.dies ?? []) die()
      worker = null
    },
    sleep: (countedByMono) => {
      if (asleepSince !== null) return
      monoCountsSleep = countedByMono
      asleepSince = agenda.now()
    },
    wake: () => {
      if (asleepSince === null) return
      if (!monoCountsSleep) sleptUncounted += agenda.now() - asleepSince
      asleepSince = null
      const late = put
      put = []
      for (const act of late) act()
    },
    setWall: (by) => {
      wallShift += by
    },
    // Each that says so has to take it back.
    sayOffline: (said) => {
      offline += said ? 1 : -1
    },
    heardOffline: () => heardOffline,
  }
}
