import type { CallsOfPeople, PlacedNews as Placed } from '../calls/people-calls.ts'
import type { Clock } from '../clock.ts'
import { createKeyedQueue } from '../keyed-queue.ts'
import type { Log } from '../log.ts'
import type { Connection } from './connection.ts'

/** What could not be read is read again after so long, in ms. */
const againAfter = 1_000

const standings = (news: readonly Placed[]): ReadonlyMap<string, string> =>
  new Map(news.map(({ id, standing }) => [id, standing]))

/**
 * How the calls that a person placed stand, told to all of their devices here at each change, and to one that says
 * `sync` as they are: read and told for one person after the other, so that nobody is told something older after something
 * newer. What did not change for whoever placed it is not told: no frame says that somebody rings who is invisible. What
 * cannot be read is read again until it can.
 */
export function createPlacedNews({
  calls,
  connections,
  clock,
  log,
}: {
  readonly calls: Pick<CallsOfPeople, 'placedOf'>
  readonly connections: (userId: string) => readonly Connection[]
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Pick<Log, 'error'>
}) {
  const inTurn = createKeyedQueue()
  /** By person with devices here, how each of their calls stood when it was told last. */
  const told = new Map<string, ReadonlyMap<string, string>>()
  /** Those who wait to be looked at. */
  const waiting = new Set<string>()
  /** Of whom nothing could be read: when that is tried again, monotonic ms. */
  const failed = new Map<string, number>()

  const send = (connection: Connection, { shownOn }: Placed) => {
    const device = connection.identity?.device
    if (device !== undefined) connection.send({ type: 'placed-call', call: shownOn(device) })
  }

  const welcomed = (userId: string) => connections(userId).filter((connection) => connection.welcomed)

  /** Never rejects. */
  const read = async (userId: string): Promise<readonly Placed[] | undefined> => {
    try {
      return await calls.placedOf(userId)
    } catch (err) {
      log.error({ err, user: userId }, 'devices are told later how the calls stand that their person placed')
      if (welcomed(userId).length > 0) failed.set(userId, clock.monotonic() + againAfter)
      return undefined
    }
  }

  const changed = async (userId: string): Promise<void> => {
    if (waiting.has(userId)) return
    waiting.add(userId)
    await inTurn(userId, async () => {
      waiting.delete(userId)
      failed.delete(userId)
      const news = await read(userId)
      if (!news) return
      const before = told.get(userId)
      const here = welcomed(userId)
      for (const one of news)
        if (before?.get(one.id) !== one.standing) for (const connection of here) send(connection, one)
      // Whoever comes is told all by `tell`.
      if (here.length > 0) told.set(userId, standings(news))
      else told.delete(userId)
    })
  }

  return {
    /** Never rejects. */
    changed,
    /** Never rejects. */
    async tell(userId: string, connection: Connection): Promise<void> {
      await inTurn(userId, async () => {
        const news = await read(userId)
        // Then all are told all.
        if (!news) return void told.delete(userId)
        for (const one of news) send(connection, one)
        // What others were told last may be older, and who is told later is told all.
        if (told.has(userId) || failed.has(userId)) return
        if (welcomed(userId).length > 0) told.set(userId, standings(news))
      })
    },
    forget(userId: string) {
      told.delete(userId)
      failed.delete(userId)
    },
    /** Reads again what could not be read. */
    tick() {
      const now = clock.monotonic()
      for (const [userId, at] of failed) if (at <= now) void changed(userId)
    },
  }
}
