import { defaultTiming } from '../../../../protocol/timing.ts'
import { shownFor } from '../../../../server/presence/presence-parts.ts'
import type { MonitoredDevice } from './call-monitor.ts'
import type { EventQueue } from './event-queue.ts'
import type { ScheduledEvent } from './schedule.ts'
import type { SimulatedService } from './service.ts'

/** What is known at a node is told whoever watches within this time, in milliseconds. */
const toldWithin = 1_000
/** A fault on the watcher's way has no consequence any more after this, in milliseconds. */
const forgottenAfter = 45_000

export interface PresenceMonitorDependencies {
  readonly queue: EventQueue
  readonly service: SimulatedService
  readonly watcher: MonitoredDevice
  readonly contact: () => readonly MonitoredDevice[]
  readonly longestDelay: number
  readonly latestTimer: number
  /** The longest that the watcher's own light may be green after its connection died, in milliseconds. */
  readonly silence: number
}

/** Faults of nodes; what is told there or heard may be late from then on. */
const atOneNode: ReadonlySet<ScheduledEvent['kind']> = new Set([
  'crash',
  'hang',
  'slow',
  'move',
  'drain',
  'lose-bus',
  'drop-connections',
])
const atAllNodes: ReadonlySet<ScheduledEvent['kind']> = new Set([
  'revoke',
  'lose-storage',
  'miss-ring',
  'refuse',
])

/** Holds what a watcher shows of the person against the leases that the person's nodes hold, and against what is so. */
export function createPresenceMonitor({
  queue,
  service,
  watcher,
  contact,
  longestDelay,
  latestTimer,
  silence,
}: PresenceMonitorDependencies) {
  /** By connection: until when its lease may be shown, and where it is. */
  let leases = new Map<string, { readonly until: number; readonly node: number }>()
  /** Until then it was right to show a colour, by what could be known. */
  let rightUntil = 0
  /** Of leases of which nobody could tell that they were over. */
  let silentUntil = 0
  let wasHidden = false
  let disturbedUntil = 0
  let violation: string | null = null
  let everShown = false
  let unreachableSince: number | null = null
  let longest = 0

  const isShown = () => !['unknown', 'offline', 'checking'].includes(watcher.device.contact())
  const isReachable = () =>
    contact().some(
      ({ device, network }) =>
        !device.isAsleep() &&
        !network.isCut() &&
        device.connections().some(({ name, isDead }) => service.wouldRing(name) && !isDead()),
    )

  function lookAtLeases(now: number): void {
    const held = new Map<string, { until: number; node: number }>()
    for (const [node, { live }] of service.nodes.entries())
      for (const { connection, until } of live('callee')) {
        const arrived = (until ?? 0) - defaultTiming.leaseFor
        // Of each machine the clock runs as fast; a watcher at another may see it end a little later.
        held.set(connection, { node, until: (arrived + shownFor(defaultTiming) * 1.01) / service.rate })
      }
    const gone = [...leases].flatMap(([connection, lease]) => (held.has(connection) ? [] : [lease]))
    for (const { node, until } of gone) if (!service.canTell(node)) silentUntil = Math.max(silentUntil, until)
    leases = held
    const isHidden = service.isHidden()
    // Up to the event that ended it, it was right.
    if (!isHidden || !wasHidden)
      for (const { until } of [...held.values(), ...gone, { until: silentUntil }])
        rightUntil = Math.max(rightUntil, Math.min(now, until))
    wasHidden = isHidden
  }

  return {
    /** A step of the schedule has begun, and is over at `mended`. */
    step(event: ScheduledEvent, one: MonitoredDevice, node: number, mended: number): void {
      const at = node % service.nodes.length
      const isThere = () => watcher.device.connections().some(({ name }) => service.nodeOf(name) === at)
      const concerns =
        atAllNodes.has(event.kind) ||
        (atOneNode.has(event.kind) ? isThere() : one === watcher && event.kind !== 'hide')
      if (concerns) disturbedUntil = Math.max(disturbedUntil, mended + forgottenAfter)
    },
    check(): void {
      const now = queue.now()
      lookAtLeases(now)
      const shown = isShown() && !watcher.device.isAsleep()
      everShown ||= shown
      const isSo = isReachable() && !service.isHidden()
      if (!shown || isSo) unreachableSince = null
      else {
        unreachableSince ??= now
        longest = Math.max(longest, now - unreachableSince)
      }
      if (!shown) return
      const late = longestDelay + latestTimer + 250
      const lag = now <= disturbedUntil ? Math.max(late, silence + latestTimer + 1_000) : late
      if (now > rightUntil + toldWithin + lag)
        violation ??= `shown as ${watcher.device.contact()} at ${now} ms, which was right until ${Math.round(rightUntil)} ms`
    },
    /** What is shown in the end is so. */
    conclude() {
      const isSo = isReachable() && !service.isHidden()
      return { violation, everShown, longest, isRightAtEnd: isSo ? isShown() : !isShown() }
    },
  }
}
