import { alarmEvery, clockLookEvery, defaultTiming, silenceBound } from '../../../../protocol/timing.ts'
import { createAgenda } from './agenda.ts'
import { createDevice } from './device.ts'
import { createNetwork } from './network.ts'
import type { Schedule, What } from './schedule.ts'
import { createServer } from './server.ts'

/** How late a timer of the device may fire, in milliseconds. */
const latest = 40
/** After a clock look that must find something: the look itself, its lateness, and drift. */
const soon = clockLookEvery * 1.01 + latest + 5
const silence = silenceBound(defaultTiming) * 1.01 + clockLookEvery + latest

export interface Outcome {
  /** The first moment at which the badge was green though a call would not get through, past every bound; null when there was none. */
  readonly lie: { readonly at: number; readonly since: number } | null
  /** The longest stretch, in milliseconds, of green while no call would get through and the device was awake. */
  readonly longestFalseGreen: number
  /** Whether the badge was green at the end, half a minute and more after the last fault was mended. */
  readonly greenAtEnd: boolean
  readonly everGreen: boolean
}

/** Lives through a schedule in simulated time and watches the badge against the server's leases at every event. */
export function liveThrough(schedule: Schedule): Outcome {
  const random = randomFrom(schedule.seed)
  const agenda = createAgenda()
  const network = createNetwork(agenda, () => random() * schedule.longestDelay, schedule.longestDelay)
  const server = createServer(agenda, schedule.serverRate)
  const device = createDevice(agenda, network, server, {
    rate: schedule.deviceRate,
    late: () => random() * latest,
    random,
  })

  /** Until this moment a false green is within the bounds that SPEC.md gives. */
  let excusedUntil = 0
  const excuse = (until: number) => {
    excusedUntil = Math.max(excusedUntil, until)
  }
  /** The server has ended the lease and said so: the device knows as soon as that arrives. */
  const told = () =>
    excuse(network.isCut() || server.isHung() ? agenda.now() + silence : network.deliveredBy() + 1)

  let setBackAsleep = false
  const faults: { readonly [K in What['kind']]: Fault<Extract<What, { kind: K }>> } = {
    cut: {
      begin: ({ toServer, toDevice }) => {
        network.cut(toServer, toDevice)
        excuse(agenda.now() + silence)
      },
      mend: () => {
        network.mend()
        // What was said during the cut is on its way only now.
        told()
      },
    },
    unplug: {
      begin: () => {
        network.cut(true, true)
        // Where the device last heard "offline", a browser that says it again has nothing new to say.
        excuse(agenda.now() + (device.heardOffline() ? silence : soon))
        device.sayOffline(true)
      },
      mend: () => {
        network.mend()
        device.sayOffline(false)
        told()
      },
    },
    crash: {
      begin: () => {
        server.crash()
        told()
      },
      mend: server.restart,
    },
    hang: {
      begin: () => {
        server.hang()
        excuse(agenda.now() + silence)
      },
      mend: () => {
        server.resume()
        told()
      },
    },
    sleep: {
      begin: ({ countedByMono }) => device.sleep(countedByMono),
      mend: () => {
        device.wake()
        excuse(agenda.now() + (setBackAsleep ? silence : soon))
        setBackAsleep = false
      },
    },
    'set-wall': {
      begin: ({ by }) => {
        // Set back during a sleep that the monotonic clock did not count, it leaves no trace to find.
        setBackAsleep ||= device.isAsleep()
        device.setWall(by)
      },
    },
    kill: {
      begin: () => {
        device.kill()
        excuse(agenda.now() + alarmEvery + latest)
      },
    },
    revoke: {
      begin: () => {
        server.revoke()
        told()
      },
      mend: server.allow,
    },
    'lose-storage': {
      begin: () => {
        server.loseStorage()
        told()
      },
      mend: server.regainStorage,
    },
    'miss-ring': {
      begin: () => {
        server.missRing()
        told()
      },
    },
    'drop-lines': {
      begin: () => {
        server.dropLines()
        excuse(agenda.now() + silence)
      },
    },
    'say-offline': { begin: () => device.sayOffline(true), mend: () => device.sayOffline(false) },
  }

  let lie: Outcome['lie'] = null
  let uncoveredSince: number | null = null
  let longestFalseGreen = 0
  let everGreen = false
  let watchedEnd: number | null = null
  function watch(): void {
    const now = agenda.now()
    everGreen ||= device.isGreen()
    const getsThrough = server.holdsLease() && !network.isCut()
    if (device.isGreen() && !device.isAsleep() && !getsThrough) {
      uncoveredSince ??= now
      longestFalseGreen = Math.max(longestFalseGreen, now - uncoveredSince)
      if (now > excusedUntil) lie ??= { at: now, since: uncoveredSince }
      return
    }
    uncoveredSince = null
    // The moment a lease runs out is no event of its own, so it is made one.
    const ends = server.leaseEnds()
    if (ends !== null && ends !== watchedEnd) agenda.at(ends + 0.001, () => {})
    watchedEnd = ends
  }

  let moment = 5_000
  let end = moment
  for (const { after, what } of schedule.happenings) {
    moment += after
    const fault = faults[what.kind] as Fault<What>
    agenda.at(moment, () => fault.begin(what))
    const mended = moment + ('lasts' in what ? what.lasts : 0)
    agenda.at(mended, () => fault.mend?.())
    end = Math.max(end, mended)
  }
  agenda.run(end + 2 * alarmEvery + 4 * schedule.longestDelay, watch)
  return { lie, longestFalseGreen, greenAtEnd: device.isGreen(), everGreen }
}

interface Fault<W> {
  readonly begin: (what: W) => void
  readonly mend?: () => void
}

/** Mulberry32: small, and the same on every machine, so that a schedule can be run again. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
