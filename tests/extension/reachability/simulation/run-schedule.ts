import { noCalls } from '../../../../entrypoints/background/calls/incoming-call-reducer.ts'
import { toStored } from '../../../../entrypoints/background/calls/stored-calls.ts'
import {
  alarmEvery,
  clockLookEvery,
  defaultTiming,
  ringFor,
  silenceBound,
} from '../../../../protocol/timing.ts'
import { createCallMonitor, type MonitoredDevice } from './call-monitor.ts'
import { createDevice, type Profile } from './device.ts'
import { createEventQueue, type EventQueue } from './event-queue.ts'
import { createNetwork } from './network.ts'
import { personOf } from './node-presence.ts'
import { createPresenceMonitor } from './presence-monitor.ts'
import { seededRandom } from './random.ts'
import type { Schedule, ScheduledEvent } from './schedule.ts'
import { createService, type SimulatedService } from './service.ts'

/** From any state, once all is mended, green comes back within this time, in milliseconds (T9). */
export const greenAgainWithin = 45_000

export interface RunOutcome {
  /** The first moment at which a badge was green though a call would not get through, past every bound; null when there was none. */
  readonly falseGreen: { readonly at: number; readonly since: number; readonly device: number } | null
  /** The longest stretch, in milliseconds, of green while no call would get through and the device was awake. */
  readonly longestFalseGreen: number
  /** Whether every badge was green `greenAgainWithin` after the last fault was mended. */
  readonly greenAtEnd: boolean
  readonly everGreen: boolean
  /** The longest stretch, in milliseconds, in which a badge was not green after it had been. */
  readonly longestDark: number
  /** How many connections took the place of another that was still there. */
  readonly moved: number
  /** Whether "taken over" was said though no copy of the profile was ever made. */
  readonly takenOverByNobody: boolean
  /** Whether a device was signed out though no session was ever ended. */
  readonly signedOutByNobody: boolean
  /** What caller and callee were told that was not so, and what became of it; null when all was so. */
  readonly callViolation: string | null
  /** What a watcher was shown that was not so; null where nothing was, or nobody watched. */
  readonly presenceViolation: string | null
  /** Whether the watcher ever saw the person in a colour. */
  readonly everSeen: boolean
  /** The longest stretch, in milliseconds, in which that was so while no call would have reached them. */
  readonly longestFalselySeen: number
  /** Whether in the end the watcher sees what is so. */
  readonly isSeenAtEnd: boolean
  /** How many calls ended in each way, how many rang, and how often a device said that it does not know. */
  readonly ends: Readonly<Record<string, number>>
}

/** Once a contact and who watches them are green again, the watcher sees that within this time, in milliseconds. */
const seenAgainWithin = 5_000

/** P7.2: past its deadline a call waits so long for the server's word on how it ended, in milliseconds. */
const serverWordWithin = 2_000

/** Runs a schedule in simulated time and holds each badge against the server's leases at every event. */
export function runSchedule(schedule: Schedule): RunOutcome {
  const random = seededRandom(schedule.seed)
  const queue = createEventQueue()
  const { latestTimer, longestDelay } = schedule
  /** After a clock look that must find something: the look itself, its lateness, and drift. */
  const soon = clockLookEvery * 1.01 + latestTimer + 5
  const silence = silenceBound(defaultTiming) * 1.01 + clockLookEvery + latestTimer

  let mendedAt = 0
  let copies = 0
  let takenOverByNobody = false
  let signedOutByNobody = false
  const devices: MonitoredDevice[] = []
  const ofContact: MonitoredDevice[] = []
  const revoked = schedule.steps.some(({ event }) => event.kind === 'revoke')

  const excuse = (one: MonitoredDevice, until: number) => {
    one.excusedUntil = Math.max(one.excusedUntil, until)
  }
  /** The server has ended the lease and said so: the device knows as soon as that arrives. */
  const noticeArrivesBy = ({ device, network }: MonitoredDevice) => {
    const found = queue.now() + silence
    const hung = device.connections().some(({ name }) => service.isHungAt(name))
    const silent = network.isCut() || network.isSwallowed() || hung
    return silent ? found : Math.min(found, network.deliveredBy(longestDelay) + 1)
  }
  const excuseUntilNotified = (one: MonitoredDevice) => excuse(one, noticeArrivesBy(one))
  const toAll = (act: (one: MonitoredDevice) => void) => {
    for (const one of devices) act(one)
  }

  const isWatched = schedule.isWatched === true
  const traitsOfService = { nodes: schedule.nodes ?? 1, rate: schedule.serverRate, random, isWatched }
  const service: SimulatedService = createService(queue, traitsOfService, {
    leaseEnded: (connection) => {
      for (const one of devices)
        if (one.device.connections().some(({ name }) => name === connection)) excuseUntilNotified(one)
    },
    callOver: (call) =>
      toAll((one) =>
        callMonitor.endTold(one, call, service.drives() ? noticeArrivesBy(one) : queue.now() + silence),
      ),
  })

  function add(profile: Profile): MonitoredDevice {
    const mended = schedule.longestDelayMended ?? longestDelay
    const network = createNetwork(queue, () => random() * (queue.now() < mendedAt ? longestDelay : mended))
    const traits = { rate: schedule.deviceRate, late: () => random() * latestTimer, random }
    const one: MonitoredDevice = {
      network,
      excusedUntil: 0,
      deadUntil: 0,
      sleepsUncounted: false,
      darkSince: undefined,
      held: 0,
      setBackAsleep: false,
      setBackSeenBy: 0,
      wasSetBack: false,
      unfoundedSince: null,
      queuedLeaseEnd: null,
      ringExcusedUntil: 0,
      endNotices: new Map(),
      rooms: new Map(),
      waitsUntil: new Map(),
      device: createDevice(queue, network, service, traits, profile, {
        signedInByHand: () => {
          mendedAt = Math.max(mendedAt, queue.now())
        },
        killed: () => {
          one.deadUntil = queue.now() + alarmEvery + latestTimer
        },
        rung: ({ id, ringsFor }) => {
          one.waitsUntil.set(id, queue.now() + (ringsFor + serverWordWithin) * 1.01 + soon)
        },
        entered: (room) => {
          const call = room.split('/').at(-1) ?? ''
          one.rooms.set(call, (one.rooms.get(call) ?? 0) + 1)
        },
        signedOut: () => {
          signedOutByNobody ||= !revoked
        },
        painted: (now) => {
          one.deadUntil = 0
          takenOverByNobody ||= copies === 0 && now.kind === 'unreachable' && now.why === 'taken-over'
        },
      }),
    }
    devices.push(one)
    if (personOf(profile.id) === 'callee') ofContact.push(one)
    return one
  }

  const faults = faultsOf({
    queue,
    service,
    add,
    excuse,
    excuseUntilNotified,
    toAll,
    silence,
    soon,
    copied: () => (copies += 1),
  })

  let falseGreen: RunOutcome['falseGreen'] = null
  let longestFalseGreen = 0
  let everGreen = false
  let longestDark = 0
  let moved = 0
  const callMonitor = createCallMonitor({ queue, service, devices, longestDelay })
  function checkAll(): void {
    const now = queue.now()
    for (const [index, one] of devices.entries()) {
      const { device, network } = one
      const green = device.isGreen()
      everGreen ||= green
      if (green) one.darkSince = null
      else if (one.darkSince !== undefined) {
        one.darkSince ??= now
        longestDark = Math.max(longestDark, now - one.darkSince)
      }
      const held = device.connections().length
      if (held < one.held && held === 1 && green) moved += 1
      one.held = held
      const rung = device.connections().find(({ name, isDead }) => service.wouldRing(name) && !isDead())
      const connection = rung?.name ?? null
      const getsThrough = connection !== null && !network.isCut()
      if (green && !device.isAsleep() && !getsThrough) {
        one.unfoundedSince ??= now
        longestFalseGreen = Math.max(longestFalseGreen, now - one.unfoundedSince)
        if (now > Math.max(one.excusedUntil, one.deadUntil))
          falseGreen ??= { at: now, since: one.unfoundedSince, device: index }
        continue
      }
      one.unfoundedSince = null
      // The moment a lease runs out is no event of its own, so it is made one.
      const ends = connection === null ? null : service.leaseEnds(connection)
      if (ends !== null && ends !== one.queuedLeaseEnd) queue.at(ends + 0.001, () => {})
      one.queuedLeaseEnd = ends
    }
    callMonitor.check()
    if (presenceMonitor) presenceMonitor.check()
  }

  for (let index = 0; index < schedule.devices; index += 1)
    add({ id: `d${index}`, boots: 0, signedIn: true, calls: toStored(noCalls) })
  const watcher = isWatched && add({ id: 'w0', boots: 0, signedIn: true, calls: toStored(noCalls) })
  const firstDevices = devices.slice()
  const presenceMonitor =
    watcher &&
    createPresenceMonitor({
      queue,
      service,
      watcher,
      contact: () => ofContact,
      longestDelay,
      latestTimer,
      silence,
    })

  let moment = 5_000
  mendedAt = moment
  for (const step of schedule.steps) {
    moment += step.after
    const { event } = step
    const mended = moment + ('lasts' in event ? event.lasts : 0)
    const fault = faults[event.kind] as Fault<ScheduledEvent>
    const one = firstDevices[step.device % firstDevices.length] as MonitoredDevice
    queue.at(moment, () => {
      if (presenceMonitor) presenceMonitor.step(event, one, step.device, mended)
      const mend = fault(one, event, step.device)
      queue.at(mended, () => {
        mend?.()
        if (presenceMonitor) presenceMonitor.step(event, one, step.device, queue.now())
      })
    })
    mendedAt = Math.max(mendedAt, mended + (event.kind === 'slow' ? event.by : 0))
    // A call has its own time to end.
    if (event.kind === 'call')
      mendedAt = Math.max(mendedAt, moment + event.waitFor + ringFor - greenAgainWithin + 10_000)
  }
  // Who was signed out logs in again by hand, and only from then on can green be asked for.
  while (queue.now() < mendedAt + greenAgainWithin) queue.run(mendedAt + greenAgainWithin, checkAll)
  const greenAtEnd = firstDevices.every(({ device }) => device.isGreen())
  // The watcher hears of it presently.
  if (presenceMonitor) queue.run(queue.now() + seenAgainWithin, checkAll)
  const presence = presenceMonitor ? presenceMonitor.conclude() : null
  const { violation: callViolation, ends } = callMonitor.conclude()
  return {
    falseGreen,
    longestFalseGreen,
    greenAtEnd,
    everGreen,
    longestDark,
    moved,
    takenOverByNobody,
    signedOutByNobody,
    callViolation,
    presenceViolation: presence?.violation ?? null,
    everSeen: presence?.everShown ?? false,
    longestFalselySeen: presence?.longest ?? 0,
    isSeenAtEnd: presence?.isRightAtEnd ?? true,
    ends,
  }
}

/** Begins a fault; what it gives back mends it. */
type Fault<Event> = (one: MonitoredDevice, event: Event, node: number) => (() => void) | undefined

interface FaultDependencies {
  readonly queue: EventQueue
  readonly service: SimulatedService
  readonly add: (profile: Profile) => MonitoredDevice
  readonly excuse: (one: MonitoredDevice, until: number) => void
  readonly excuseUntilNotified: (one: MonitoredDevice) => void
  readonly toAll: (act: (one: MonitoredDevice) => void) => void
  readonly silence: number
  readonly soon: number
  readonly copied: () => void
}

function faultsOf({
  queue,
  service,
  add,
  excuse,
  excuseUntilNotified,
  toAll,
  silence,
  soon,
  copied,
}: FaultDependencies): {
  readonly [K in ScheduledEvent['kind']]: Fault<Extract<ScheduledEvent, { kind: K }>>
} {
  return {
    cut: (one, { toServer, toDevice }) => {
      const mend = one.network.cut(toServer, toDevice)
      excuse(one, queue.now() + silence)
      return () => {
        mend()
        // What was said during the cut is on its way only now.
        excuseUntilNotified(one)
      }
    },
    swallow: (one) => {
      one.network.swallow()
      excuse(one, queue.now() + silence)
      return undefined
    },
    unplug: (one) => {
      const mend = one.network.cut(true, true)
      // Where the device last heard "offline", a browser that says it again has nothing new to say.
      excuse(one, queue.now() + (one.device.heardOffline() ? silence : soon))
      one.device.sayOffline(true)
      return () => {
        mend()
        one.device.sayOffline(false)
        excuseUntilNotified(one)
      }
    },
    crash: (_one, _event, node) => service.crash(node),
    hang: (_one, _event, node) => {
      const resume = service.node(node).hang()
      toAll((one) => excuse(one, queue.now() + silence))
      return () => {
        resume()
        toAll(excuseUntilNotified)
      }
    },
    slow: (_one, { by }, node) => service.node(node).slowDown(by),
    sleep: (one, { countedByMono }) => {
      if (!one.device.isAsleep()) {
        one.sleepsUncounted = !countedByMono
        one.setBackAsleep = !countedByMono && queue.now() <= one.setBackSeenBy
      }
      one.device.sleep(countedByMono)
      return () => {
        one.device.wake()
        excuse(one, queue.now() + (one.setBackAsleep ? silence : soon))
        one.setBackAsleep = false
      }
    },
    'set-wall': (one, { by }) => {
      // Set back during a sleep that the monotonic clock did not count, or since the last look before it, it leaves no
      // trace to find.
      if (by < 0 && !one.device.isAsleep()) one.setBackSeenBy = queue.now() + soon
      one.setBackAsleep ||= by < 0 && one.device.isAsleep() && one.sleepsUncounted
      one.wasSetBack ||= by < 0
      one.device.setWall(by)
      return undefined
    },
    kill: (one) => {
      one.device.kill()
      return undefined
    },
    'kill-at': (one, { step }) => {
      one.device.killAt(step)
      return () => one.device.killAt(null)
    },
    revoke: service.revoke,
    'lose-storage': service.loseStorage,
    'miss-ring': () => {
      for (const node of service.nodes) node.missRing()
      return undefined
    },
    move: (_one, _event, node) => {
      service.node(node).move()
      return undefined
    },
    drain: (_one, _event, node) => service.drain(node),
    'lose-bus': (_one, _event, node) => service.loseBus(node),
    'drop-connections': (_one, _event, node) => {
      service.node(node).dropConnections()
      toAll((one) => excuse(one, queue.now() + silence))
      return undefined
    },
    'say-offline': (one) => {
      one.device.sayOffline(true)
      return () => one.device.sayOffline(false)
    },
    'lose-own-storage': (one) => {
      one.device.failStorage(true)
      return () => one.device.failStorage(false)
    },
    refuse: (_one, { why }) => service.refuse(why),
    copy: (one) => {
      copied()
      const copy = add(one.device.profile())
      return () => copy.device.end()
    },
    'try-now': (one) => {
      one.device.tryNow()
      return undefined
    },
    call: (_one, { waitFor }) => {
      service.calls.place(waitFor)
      return undefined
    },
    hide: () => service.hide(),
    'hang-up': () => {
      service.calls.hangUp()
      return undefined
    },
    press: (one, { button }) => {
      one.device.press(button)
      return undefined
    },
    'log-out': (one) => {
      one.device.logOut()
      return one.device.logIn
    },
  }
}
