import { type CallDriver, createCallDriver } from '../../../../entrypoints/background/calls/driver.ts'
import { restoredFrom, type StoredCalls } from '../../../../entrypoints/background/calls/stored-calls.ts'
import type { Instant } from '../../../../entrypoints/background/clocks.ts'
import { createContactPresenceDriver } from '../../../../entrypoints/background/people/contact-presence-driver.ts'
import {
  createReachabilityDriver,
  type ReachabilityDriver,
} from '../../../../entrypoints/background/reachability/driver.ts'
import type { ReachabilityEffect } from '../../../../entrypoints/background/reachability/events.ts'
import type { PresenceView } from '../../../../messages/people.ts'
import type { IncomingCall, ReachabilityState } from '../../../../messages/state.ts'
import { afterClose } from '../../../../protocol/close-codes.ts'
import {
  type DeviceMessage,
  protocolVersion,
  type RingingCall,
  type ServerMessage,
} from '../../../../protocol/connection.ts'
import { alarmEvery } from '../../../../protocol/timing.ts'
import type { EventQueue } from './event-queue.ts'
import type { Connection, Network } from './network.ts'
import { personOf } from './node-presence.ts'
import type { HandshakeStep } from './schedule.ts'
import type { SimulatedService } from './service.ts'

export interface SimulatedDevice {
  /** What the toolbar shows: it stays as it was drawn when the worker dies. */
  readonly isGreen: () => boolean
  /** The server's name of the connection that this device has now, or null. */
  readonly connection: () => string | null
  /** The same of all that it has now: that one, and what is to take its place. */
  readonly connections: () => readonly HeldConnection[]
  /** The calls that it shows; null while its worker is dead. */
  readonly shown: () => readonly IncomingCall[] | null
  /** What a page of it shows of the person whom it watches: nothing without a worker. */
  readonly contact: () => PresenceView['kind']
  readonly press: (button: 'answer' | 'decline') => void
  readonly isAsleep: () => boolean
  readonly kill: () => void
  /** Kills the worker at its next such step; null calls it off. */
  readonly killAt: (step: HandshakeStep | null) => void
  readonly sleep: (countedByMono: boolean) => void
  readonly wake: () => void
  /** Someone sets the wall clock. */
  readonly setWall: (by: number) => void
  readonly sayOffline: (offline: boolean) => void
  /** What the device heard when it last asked the browser. */
  readonly heardOffline: () => boolean
  readonly failStorage: (fails: boolean) => void
  readonly tryNow: () => void
  readonly logOut: () => void
  readonly logIn: () => void
  /** The browser is closed for good. */
  readonly end: () => void
  /** What a copy of the profile takes with it. */
  readonly profile: () => Profile
}

/** A connection by its name at the server, and whether it died in silence. */
export interface HeldConnection {
  readonly name: string
  readonly isDead: () => boolean
}

/** What of a browser profile matters here, as it stands in storage. */
export interface Profile {
  /** The id that it gave itself. */
  readonly id: string
  readonly boots: number
  readonly signedIn: boolean
  /** The calls as the last worker kept them. */
  readonly calls: StoredCalls
}

export interface DeviceTraits {
  /** How fast the monotonic clock runs against true time. */
  readonly rate: number
  /** How late timers fire, in milliseconds. */
  readonly late: () => number
  readonly random: () => number
}

export interface DeviceHooks {
  /** The person did something that no property may be asked to go without: logged in. */
  readonly signedInByHand: () => void
  readonly killed: () => void
  readonly painted: (now: ReachabilityState) => void
  /** A call begins to ring, or rings anew. */
  readonly rung: (call: RingingCall) => void
  /** A call's room was opened. */
  readonly entered: (room: string) => void
  /** The server said that the session is over. */
  readonly signedOut: () => void
}

/** A person whose session was ended logs in again after so many milliseconds. */
const logInAgainAfter = 20_000
/** A window takes so long to open, at most, in milliseconds. */
const shownWithin = 300
/** Sums of milliseconds are off by less. */
const rounding = 0.001
/** `GET /health` is waited for so long, in milliseconds. */
const healthWithin = 6_000

/** The extension's real driver and reducer, in a worker that can be killed on a machine that can sleep. */
export function createDevice(
  queue: EventQueue,
  network: Network,
  service: SimulatedService,
  traits: DeviceTraits,
  from: Profile,
  hooks: DeviceHooks,
): SimulatedDevice {
  let { boots, signedIn, calls: storedCalls } = from
  let green = false
  let worker: Worker | null = null
  let contact: PresenceView['kind'] = 'unknown'
  let loggedOut = 0
  let offline = 0
  let storageFails = 0
  let heardOffline = false
  let ended = false
  let asleepSince: number | null = null
  let monoCountsSleep = true
  let sleptUncounted = 0
  /** Each worker's monotonic clock begins anew. */
  let bootedAt = 0
  let wallShift = 0
  let deferred: (() => void)[] = []
  let dieAt: HandshakeStep | null = null

  function clocks(): Instant {
    const awake = asleepSince === null || monoCountsSleep ? queue.now() : asleepSince
    return { mono: (awake - sleptUncounted - bootedAt) * traits.rate, wall: queue.now() + wallShift }
  }

  /** Nothing runs on a machine asleep; what came meanwhile is found at waking. */
  const whenAwake = (act: () => void) => {
    if (ended) return
    if (asleepSince === null) act()
    else deferred.push(act)
  }

  function kill(): void {
    if (!worker) return
    worker.die()
    worker = null
    contact = 'unknown'
    hooks.killed()
  }

  function reached(step: HandshakeStep): void {
    if (dieAt !== step) return
    dieAt = null
    queue.at(queue.now(), kill)
  }

  function boot(): void {
    green = false
    bootedAt = queue.now() - sleptUncounted
    let alive = true
    const held = new Map<number, { readonly name: string; readonly pipes: Connection }>()
    let number: number | undefined
    let least = 0

    /** The boot number, counted in storage once a worker; undefined when storage fails. */
    function bootNumber(): number | undefined {
      if (number === undefined && storageFails === 0) {
        boots = Math.max(boots, least) + 1
        number = boots
      }
      return number
    }

    function carryOut(effect: ReachabilityEffect): void {
      switch (effect.type) {
        case 'open':
          connect(effect.connection)
          return
        case 'close':
          held.get(effect.connection)?.pipes.toServer.close(1000)
          held.delete(effect.connection)
          return
        case 'hello':
          sayHello(effect)
          return
        case 'heartbeat':
          say(effect.connection, { type: 'heartbeat', n: effect.n })
          reached('said-heartbeat')
          return
        case 'renumber':
          least = Math.max(least, effect.above)
          if (number !== undefined && number <= least) number = undefined
          return
        case 'diagnose':
          diagnose(effect.attempt)
          return
        case 'session-ended':
          signedIn = false
          hooks.signedOut()
          calls.dispatch({ type: 'sign-out' })
          queue.at(queue.now() + logInAgainAfter, () => {
            if (loggedOut === 0 && !signedIn) logIn()
          })
          return
        default:
          effect satisfies never
      }
    }

    function sayHello({ connection, nonce, takeOver }: Extract<ReachabilityEffect, { type: 'hello' }>): void {
      const counted = bootNumber()
      if (counted === undefined) {
        queue.at(queue.now() + 1, () =>
          whenAwake(() => alive && driver.dispatch({ type: 'storage-failed', connection })),
        )
        return
      }
      const order = { boot: counted, n: connection }
      say(connection, {
        type: 'hello',
        protocol: protocolVersion,
        token: 't',
        device: from.id,
        proof: nonce,
        order,
        takeOver,
      })
      reached('said-hello')
    }

    function connect(number: number): void {
      const ifCurrent = (then: () => void) => whenAwake(() => alive && held.has(number) && then())
      const accepted = network.isCut() ? null : service.accept()
      // A dead server refuses at once, and so does a browser that knows itself offline; a cut only swallows.
      if (network.isCut() ? offline > 0 : !accepted) {
        queue.at(queue.now() + 1, () =>
          whenAwake(() => alive && driver.dispatch({ type: 'closed', connection: number, after: 'retry' })),
        )
        return
      }
      if (!accepted) return
      const pipes = network.connect(
        {
          message: (frame) => ifCurrent(() => receive(number, frame as ServerMessage)),
          closed: (code) =>
            ifCurrent(() => driver.dispatch({ type: 'closed', connection: number, after: afterClose(code) })),
        },
        accepted.end,
      )
      if (!pipes) return
      accepted.speakInto(pipes.toDevice)
      held.set(number, { name: accepted.name, pipes })
      reached('opened')
    }

    function say(number: number, message: DeviceMessage): void {
      held.get(number)?.pipes.toServer.send(message)
    }

    function receive(connection: number, message: ServerMessage): void {
      switch (message.type) {
        case 'challenge':
          driver.dispatch({ type: 'challenged', connection, nonce: message.nonce })
          reached('challenged')
          return
        case 'outranked':
          driver.dispatch({
            type: 'outranked',
            connection,
            boot: message.boot,
            isOwn: message.boot === number,
            live: message.live,
          })
          return
        case 'welcome':
          if ((driver.openConnection() ?? connection) === connection)
            calls.dispatch({ type: 'welcome', ringing: message.ringing, missed: message.missed })
          else calls.dispatch({ type: 'successor-welcome', connection, ringing: message.ringing })
          driver.dispatch({ type: 'welcomed', connection, timing: message.timing })
          reached('welcomed')
          return
        case 'lease':
          driver.dispatch({ type: 'leased', connection, heartbeat: message.n, leaseFor: message.leaseFor })
          reached('leased')
          return
        case 'no-lease':
          if (message.why === 'routing') calls.dispatch({ type: 'routing-lost', connection })
          driver.dispatch({ type: 'not-leased', connection, heartbeat: message.n, why: message.why })
          return
        case 'move':
          driver.dispatch({ type: 'move', connection })
          return
        case 'presence':
          presence.heard(connection, message)
          return
        case 'ring':
          hooks.rung(message.call)
          calls.dispatch({ type: 'ring', connection, call: message.call })
          return
        case 'over':
          calls.dispatch(message)
          return
        case 'missed':
          calls.dispatch({ type: 'missed', missed: message.missed })
          return
      }
    }

    /** Asks the server whether it is there, as `GET /health` does. */
    function diagnose(attempt: number): void {
      const silent = network.isCut() || service.isHung()
      const reason = offline > 0 ? 'no-network' : 'server-silent'
      const answers = !silent && service.isUp()
      queue.at(queue.now() + (silent ? healthWithin : 1), () =>
        whenAwake(
          () => alive && driver.dispatch({ type: 'diagnosed', attempt, reason: answers ? null : reason }),
        ),
      )
    }

    /** As a browser's timer: it counts on the monotonic clock, and stands still where that one does. */
    function after(milliseconds: number, todo: () => void): () => void {
      const due = clocks().mono + milliseconds
      let isOff = false
      let cancel = queue.at(queue.now() + milliseconds / traits.rate + traits.late(), fire)
      function fire(): void {
        whenAwake(() => {
          if (isOff || !alive) return
          const left = due - clocks().mono
          if (left > rounding) cancel = queue.at(queue.now() + left / traits.rate, fire)
          else todo()
        })
      }
      return () => {
        isOff = true
        cancel()
      }
    }

    const calls = createCallDriver({
      clocks,
      after,
      store: {
        write: (written) => {
          storedCalls = written
        },
        whenWritten: (todo) => todo(),
        read: async () => storedCalls,
      },
      send: say,
      presenter: {
        present: (_call, shown) => void after(traits.random() * shownWithin, shown),
        notifyUnproven: () => {},
        withdraw: () => {},
        withdrawOthers: async () => {},
        close: () => {},
        soundFor: () => {},
        enter: (_, room) => hooks.entered(room),
      },
      doubt: () => driver.dispatch({ type: 'doubted' }),
      changed: () => {},
    })

    const presence = createContactPresenceDriver({
      clocks,
      after,
      send: say,
      changed: () => {
        if (alive) contact = presence.of('callee').kind
      },
    })
    if (personOf(from.id) === 'watcher') presence.want('all')

    const driver = createReachabilityDriver({
      clocks,
      random: traits.random,
      online: () => {
        heardOffline = offline > 0
        return !heardOffline
      },
      carryOut,
      after,
      changed: () => {
        if (!alive) return
        const now = driver.verdict()
        green = now.kind === 'reachable'
        hooks.painted(now)
        calls.dispatch({ type: 'connection', number: driver.openConnection(), leased: green })
        presence.ownLease(green ? driver.openConnection() : null)
      },
    })
    calls.dispatch(restoredFrom(storedCalls, clocks()))
    worker = {
      driver,
      calls,
      connection: () => [...held.values()][0]?.name ?? null,
      connections: () => [...held.values()].map(({ name, pipes }) => ({ name, isDead: pipes.isDead })),
      goodbye: () => {
        const open = driver.openConnection()
        if (open !== null) say(open, { type: 'goodbye', why: 'log-out' })
      },
      die: () => {
        alive = false
        for (const { pipes } of held.values()) pipes.toServer.close(1001)
        held.clear()
      },
    }
    if (signedIn) driver.dispatch({ type: 'wanted' })
  }

  function logIn(): void {
    signedIn = true
    hooks.signedInByHand()
    whenAwake(() => worker?.driver.dispatch({ type: 'wanted' }))
  }

  function alarm(): void {
    whenAwake(() => {
      if (worker) worker.driver.dispatch({ type: 'woke' })
      else boot()
    })
    if (!ended) queue.at(queue.now() + alarmEvery, alarm)
  }

  queue.at(queue.now(), () => whenAwake(() => worker ?? boot()))
  queue.at(queue.now() + alarmEvery, alarm)

  return {
    isGreen: () => green && !ended,
    connection: () => worker?.connection() ?? null,
    connections: () => worker?.connections() ?? [],
    contact: () => (ended ? 'unknown' : contact),
    shown: () => (worker && !ended ? worker.calls.now() : null),
    press: (button) =>
      whenAwake(() => {
        const call = worker?.calls.now().find(({ phase }) => phase === 'ringing')
        if (call) worker?.calls.press(call.id, button)
      }),
    isAsleep: () => asleepSince !== null,
    kill,
    killAt: (step) => {
      dieAt = step
    },
    sleep: (countedByMono) => {
      if (asleepSince !== null) return
      monoCountsSleep = countedByMono
      asleepSince = queue.now()
    },
    wake: () => {
      if (asleepSince === null) return
      if (!monoCountsSleep) sleptUncounted += queue.now() - asleepSince
      asleepSince = null
      const late = deferred
      deferred = []
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
    failStorage: (fails) => {
      storageFails += fails ? 1 : -1
    },
    tryNow: () => whenAwake(() => worker?.driver.dispatch({ type: 'try-now' })),
    logOut: () => {
      loggedOut += 1
      signedIn = false
      whenAwake(() => {
        if (!worker) boot()
        worker?.goodbye()
        worker?.calls.dispatch({ type: 'sign-out' })
        worker?.driver.dispatch({ type: 'unwanted' })
      })
    },
    logIn: () => {
      loggedOut -= 1
      if (loggedOut === 0) logIn()
    },
    end: () => {
      kill()
      ended = true
    },
    profile: () => ({ id: from.id, boots, signedIn, calls: storedCalls }),
  }
}

interface Worker {
  readonly driver: ReachabilityDriver
  readonly calls: CallDriver
  readonly connection: () => string | null
  readonly connections: () => readonly HeldConnection[]
  readonly goodbye: () => void
  readonly die: () => void
}
