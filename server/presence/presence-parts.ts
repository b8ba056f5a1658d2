import { silenceBound, type Timing } from '../../protocol/timing.ts'
import type { Bus } from '../bus/bus.ts'
import { presenceSubject } from '../bus/presence-message.ts'
import type { Clock } from '../clock.ts'
import type { HeldConnection } from './lease-reducer.ts'

/** Whoever watches says so every 30 s at least; one that was not heard is made up for by the next. */
const watchedFor = 65_000
/** Heartbeats are told of together, this often, in ms. */
const toldTogether = 1_000

/**
 * How long a lease may be shown to whoever watches, in ms from the arrival of its heartbeat: one heartbeat, its answer
 * and a second in which that is told. The lease itself is for calls, which are tried until it ends.
 */
export const shownFor = (timing: Timing): number => Math.min(timing.leaseFor, silenceBound(timing) + 1_000)

export interface PresencePartsDependencies {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly bus: Pick<Bus, 'publish'>
  readonly timing: Timing
  /** By which name watchers know this node. */
  readonly node: string
  /** The person's connections here that hold a lease. */
  readonly live: (userId: string) => readonly HeldConnection[]
  readonly isIdle: (userId: string, connection: string) => boolean
  readonly isWatched: (userId: string) => boolean
  readonly markWatched: (userId: string, until: number) => void
}

/** Tells whoever watches people what leases they have at this node. */
export interface PresenceParts {
  /** Somebody watches the person. */
  watched(userId: string): void
  /** A lease was gained or is over. */
  changed(userId: string): void
  /** Somebody left a device or came back to it: told at once, and from then on together with what was renewed. */
  idled(userId: string): void
  /** A lease of somebody who is watched was renewed. */
  renewed(userId: string): void
  /** Tells of what was renewed. */
  tick(): void
  /** When the next tick has something to do, monotonic ms; infinite where none has. */
  dueAt(): number
}

export function createPresenceParts(dependencies: PresencePartsDependencies): PresenceParts {
  const { clock, bus, timing, node, live, isIdle, isWatched, markWatched } = dependencies
  const unshown = timing.leaseFor - shownFor(timing)
  const renewed = new Set<string>()
  /** By person: since when it was told who is at a device, for as long as the next waits. */
  const idledAt = new Map<string, number>()
  let tellAt = Number.NEGATIVE_INFINITY

  const tell = (userId: string) => {
    renewed.delete(userId)
    const now = clock.monotonic()
    const leases = live(userId).flatMap(({ connection, until }) => {
      const left = (until ?? now) - unshown - now
      return left > 0 ? [{ left, idle: isIdle(userId, connection) }] : []
    })
    bus.publish(presenceSubject(userId), { kind: 'leases', node, isWatched: isWatched(userId), leases })
  }

  return {
    watched(userId) {
      markWatched(userId, clock.monotonic() + watchedFor)
      tell(userId)
    },
    changed: tell,
    idled(userId) {
      const now = clock.monotonic()
      const last = idledAt.get(userId)
      if (last !== undefined && now - last < toldTogether) return void renewed.add(userId)
      idledAt.set(userId, now)
      tell(userId)
    },
    renewed: (userId) => void renewed.add(userId),
    tick() {
      const now = clock.monotonic()
      if (renewed.size === 0 || now < tellAt) return
      tellAt = now + toldTogether
      for (const [userId, at] of idledAt) if (now - at >= toldTogether) idledAt.delete(userId)
      for (const userId of [...renewed]) tell(userId)
    },
    dueAt: () => (renewed.size > 0 ? tellAt : Number.POSITIVE_INFINITY),
  }
}
