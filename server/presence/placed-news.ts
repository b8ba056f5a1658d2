import type { CallsOfPeople, PlacedNews as Placed } from '../calls/people-calls.ts'
import { createKeyedQueue } from '../keyed-queue.ts'
import type { Connection } from './connection.ts'

/**
 * How the calls that a person placed stand, told to all of their devices here at each change, and to one that says
 * `sync` as they are: read and told for one person after the other, so that nobody is told something older after something
 * newer. What did not change for whoever placed it is not told: no frame says that somebody rings who is invisible.
 */
export function createPlacedNews({
  calls,
  connections,
}: {
  readonly calls: Pick<CallsOfPeople, 'placedOf'>
  readonly connections: (userId: string) => readonly Connection[]
}) {
  const inTurn = createKeyedQueue()
  /** By person, how each of their calls stood when it was told last. */
  const told = new Map<string, ReadonlyMap<string, string>>()
  /** Those who wait to be looked at. */
  const waiting = new Set<string>()

  const send = (connection: Connection, { shownOn }: Placed) => {
    const device = connection.identity?.device
    if (device !== undefined) connection.send({ type: 'placed-call', call: shownOn(device) })
  }

  return {
    async changed(userId: string): Promise<void> {
      if (waiting.has(userId)) return
      waiting.add(userId)
      await inTurn(userId, async () => {
        waiting.delete(userId)
        const news = await calls.placedOf(userId)
        const before = told.get(userId)
        const here = connections(userId).filter(({ welcomed }) => welcomed)
        for (const one of news)
          if (before?.get(one.id) !== one.standing) for (const connection of here) send(connection, one)
        told.set(userId, new Map(news.map(({ id, standing }) => [id, standing])))
      })
    },
    async tell(userId: string, connection: Connection): Promise<void> {
      await inTurn(userId, async () => {
        for (const one of await calls.placedOf(userId)) send(connection, one)
      })
    },
    forget(userId: string) {
      told.delete(userId)
    },
  }
}
