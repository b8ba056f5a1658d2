import type { Bus } from '../../bus/bus.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { createWatchedPeople } from './watched-people.ts'
import {
  createWatcher,
  type ReadContacts,
  type Watcher,
  type WatchingConnection,
  type Whom,
} from './watcher.ts'

export interface WatchingDependencies {
  readonly clock: Clock
  readonly log: Pick<Log, 'error'>
  readonly bus: Pick<Bus, 'subscribe' | 'publish' | 'isConnected' | 'onConnection'>
  /** Whether the server is one node of several. */
  readonly hasOthers: boolean
  /** Whether all nodes tell of leases. */
  readonly doAllTell?: (() => boolean) | undefined
  readonly read: ReadContacts
}

/** Who watches whom by connections of this node. */
export interface Watching {
  /** From now on this connection is told of the presence of these, in place of whom it watched before. */
  watch(connection: WatchingConnection, userId: string, n: number, whom: Whom): void
  /** How this person stands to the other has changed. */
  related(userId: string, other: string): void
  /** The connection is gone. */
  forget(connection: string): void
  tick(): void
  /** When the next tick has something to do, monotonic ms; infinite where none has. */
  dueAt(): number
  /** How many people are watched here. */
  readonly watched: number
}

export function openWatching({
  clock,
  log,
  bus,
  hasOthers,
  doAllTell,
  read,
}: WatchingDependencies): Watching {
  /** By connection. */
  const watchers = new Map<string, Watcher>()
  /** By person: who sees them here. */
  const seers = new Map<string, Set<Watcher>>()
  const seersOf = (userId: string) => seers.get(userId) ?? []

  const people = createWatchedPeople({
    clock,
    bus,
    hasOthers,
    doAllTell,
    onLeases: (userId) => {
      for (const watcher of seersOf(userId)) watcher.leasesChanged(userId)
    },
    onStatus: (userId) => {
      for (const watcher of seersOf(userId)) watcher.rowsChanged(userId)
    },
  })

  bus.onConnection((isConnected) => {
    people.askAnew()
    // What has changed meanwhile nobody was told.
    if (isConnected) for (const watcher of watchers.values()) watcher.allChanged()
  })

  const open = (connection: WatchingConnection, userId: string): Watcher => {
    const watcher: Watcher = createWatcher(
      {
        clock,
        hasOthers,
        people,
        read,
        onError: (err) => log.error({ err, userId }, 'whom somebody watches is read again later'),
        onSees: (contact, sees) => {
          const those = seers.get(contact) ?? new Set()
          if (sees) those.add(watcher)
          else those.delete(watcher)
          if (those.size > 0) seers.set(contact, those)
          else seers.delete(contact)
        },
      },
      userId,
      connection,
    )
    watchers.set(connection.id, watcher)
    return watcher
  }

  return {
    watch(connection, userId, n, whom) {
      const watcher = watchers.get(connection.id) ?? open(connection, userId)
      watcher.watch(n, whom)
    },
    related(userId, other) {
      for (const watcher of watchers.values()) if (watcher.userId === userId) watcher.rowsChanged(other)
    },
    forget(connection) {
      watchers.get(connection)?.end()
      watchers.delete(connection)
    },
    tick() {
      people.tick()
      for (const watcher of watchers.values()) watcher.tick()
    },
    dueAt() {
      let due = people.dueAt()
      for (const watcher of watchers.values()) due = Math.min(due, watcher.dueAt())
      return due
    },
    get watched() {
      return seers.size
    },
  }
}
