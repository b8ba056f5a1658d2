import type { DeviceMessage, ServerMessage } from '../../../../protocol/connection.ts'
import { defaultTiming } from '../../../../protocol/timing.ts'
import { ringSubject } from '../../../../server/bus/person-message.ts'
import type { Clock } from '../../../../server/clock.ts'
import type { ContactToWatch } from '../../../../server/people/watching/watcher.ts'
import { openWatching } from '../../../../server/people/watching/watching.ts'
import {
  type HeldConnection,
  type LeaseEffect,
  type Leases,
  leaseNews,
} from '../../../../server/presence/lease-reducer.ts'
import { createPresenceParts } from '../../../../server/presence/presence-parts.ts'
import type { EventQueue } from './event-queue.ts'
import type { NodeBus } from './presence-bus.ts'

/** Whose devices there are: the person whom everything is about, and one who has them as a contact. */
export const people = ['callee', 'watcher'] as const
export type Person = (typeof people)[number]
export const personOf = (device: string): Person => (device.startsWith('w') ? 'watcher' : 'callee')

/** The servers' own parts that tell and hear of presence, as one process has them. */
export interface NodePresence {
  readonly leasesChanged: (
    person: Person,
    before: Leases,
    after: Leases,
    effects: readonly LeaseEffect[],
  ) => void
  readonly watch: (connection: string, message: Extract<DeviceMessage, { type: 'watch' }>) => void
  readonly forget: (connection: string) => void
  readonly busChanged: () => void
}

export interface NodePresenceDependencies {
  readonly clock: () => number
  readonly rate: number
  readonly random: () => number
  readonly name: string
  readonly bus: NodeBus
  readonly hasOthers: boolean
  readonly live: (person: Person) => readonly HeldConnection[]
  readonly isOpen: (connection: string) => boolean
  readonly say: (connection: string, message: ServerMessage) => void
  /** @throws while the database cannot be read. */
  readonly contacts: () => readonly ContactToWatch[]
  /** Does something later, unless this process is gone by then, or as late as it hangs. */
  readonly later: (delay: number, act: () => void) => void
}

/** The server looks at what is due this often, in milliseconds. */
const tickEvery = 100

export function createNodePresence(queue: EventQueue, dependencies: NodePresenceDependencies): NodePresence {
  const { rate, random, bus, name, hasOthers, live, isOpen, say, contacts, later } = dependencies
  const clock: Clock = { monotonic: dependencies.clock, wall: queue.now }
  const watchedUntil = new Map<string, number>()
  const isWatched = (userId: string) => (watchedUntil.get(userId) ?? 0) > clock.monotonic()

  const parts = createPresenceParts({
    clock,
    bus,
    timing: defaultTiming,
    node: name,
    live: (userId) => live(userId as Person),
    isIdle: () => false,
    isWatched,
    markWatched: (userId, until) => void watchedUntil.set(userId, until),
  })
  const watching = openWatching({
    clock,
    log: { error: () => {} },
    bus: {
      publish: bus.publish,
      onConnection: bus.onConnection,
      get isConnected() {
        return bus.isConnected
      },
      subscribe: (subject, handler) =>
        bus.subscribe(subject, (payload) => {
          handler(payload)
          arm()
          return undefined
        }),
    },
    hasOthers,
    read: () => contacts(),
  })

  let armedFor = Number.POSITIVE_INFINITY
  /** Looks when something is due, and no oftener: the real one looks ten times a second. */
  function arm(): void {
    const due = Math.min(watching.dueAt(), parts.dueAt()) / rate
    const at = Math.max(queue.now(), due)
    if (!Number.isFinite(at) || at >= armedFor) return
    armedFor = at
    later(at - queue.now() + random() * tickEvery, () => {
      if (armedFor < at) return
      armedFor = Number.POSITIVE_INFINITY
      parts.tick()
      watching.tick()
      arm()
    })
  }

  const doing =
    <Of extends readonly unknown[]>(act: (...of: Of) => void) =>
    (...of: Of) => {
      act(...of)
      arm()
    }

  for (const person of people)
    bus.subscribe(ringSubject(person), () => {
      if (live(person).length > 0) parts.watched(person)
      return undefined
    })

  return {
    leasesChanged: doing((person, before, after, effects) => {
      const news = leaseNews(before, after, effects)
      if (news === 'changed' || (news === 'renewed' && isWatched(person))) parts[news](person)
    }),
    watch: doing((connection, { n, whom }) => {
      const to = {
        id: connection,
        get open() {
          return isOpen(connection)
        },
        backlog: 0,
        send: (message: ServerMessage) => say(connection, message),
      }
      watching.watch(to, 'watcher', n, whom)
    }),
    forget: doing(watching.forget),
    busChanged: doing(bus.connectionChanged),
  }
}
