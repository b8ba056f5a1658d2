import type { ServerMessage } from '../../protocol/connection.ts'
import { readAccount } from '../accounts/find-account.ts'
import type { PersonMessage } from '../bus/person-message.ts'
import type { CallsOfCallee } from '../calls/calls.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import { createKeyedQueue } from '../keyed-queue.ts'
import type { Log } from '../log.ts'
import type { Connection } from './connection.ts'
import { createPacedTelling } from './paced-telling.ts'

export interface PersonNewsDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly calls: Pick<CallsOfCallee, 'missed'>
  readonly connections: (userId: string) => readonly Connection[]
}

/** So many people are told everything anew at once. */
const anewAtOnce = 20
/** What could not be read to be told anew is read again after so long, in ms. */
const anewAgainAfter = 1_000

/**
 * What the devices of a person here are told when something of theirs has changed: as it is in the database. It is read and
 * told for one person after the other, so that nobody is told something older after something newer, whichever nodes
 * changed it.
 */
export interface PersonNews {
  /** What was missed changed; or one connection is to be answered with what it is. */
  missed(userId: string, change: Extract<PersonMessage, { kind: 'missed' }>): Promise<void>
  /** What the account is called and so on changed. */
  account(userId: string): void
  /** What changed of these people nobody here may have heard: all of it is read and told anew, of so many after others. */
  anew(userIds: readonly string[]): void
  /** Tells what has waited long enough. */
  tick(): void
  /** Tells whatever waits. */
  flush(): Promise<void>
}

export function createPersonNews({ db, clock, log, calls, connections }: PersonNewsDependencies): PersonNews {
  const inTurn = createKeyedQueue()

  const readMissed = async (userId: string) =>
    ({ type: 'missed', missed: await calls.missed(userId) }) as const

  const tell = (userId: string, read: () => Promise<ServerMessage | undefined>, except?: string) =>
    inTurn(userId, async () => {
      const those = new Set<Connection>()
      for (const connection of connections(userId))
        if (connection.welcomed) those.add(connection)
        // It is told of no change, and reads everything again instead.
        else connection.stale = true
      const message = those.size > 0 ? await read() : undefined
      if (!message) return
      const frame = JSON.stringify(message)
      for (const connection of connections(userId))
        if (those.has(connection) && connection.id !== except) connection.sendFrame(frame)
    })

  const tellMissed = (userId: string, except?: string) => tell(userId, () => readMissed(userId), except)
  const tellAccount = (userId: string) =>
    tell(userId, async () => {
      const account = await readAccount(db, userId)
      return account && { type: 'account', account }
    })
  const missed = createPacedTelling({ clock, log, tell: tellMissed })
  const accounts = createPacedTelling({ clock, log, tell: tellAccount })

  const unheard = new Set<string>()
  let pausesUntil = Number.NEGATIVE_INFINITY
  let isTellingAnew = false
  const tellSomeAnew = async () => {
    const some = [...unheard.values().take(anewAtOnce)]
    for (const userId of some) unheard.delete(userId)
    const told = await Promise.allSettled(some.flatMap((userId) => [tellMissed(userId), tellAccount(userId)]))
    const failed = told.find((one) => one.status === 'rejected')
    if (!failed) return
    log.error({ err: failed.reason }, 'what may not have been heard cannot be told anew yet')
    for (const userId of some) unheard.add(userId)
    pausesUntil = clock.monotonic() + anewAgainAfter
  }

  return {
    async missed(userId, { answer, except }) {
      if (!answer) return missed.changed(userId, except)
      await inTurn(userId, async () => {
        const { missed } = await readMissed(userId)
        const asked = connections(userId).find(({ id }) => id === answer.connection)
        if (asked?.welcomed) asked.send({ type: 'missed', missed, n: answer.n })
      })
    },
    account: (userId) => accounts.changed(userId),
    anew(userIds) {
      for (const userId of userIds) unheard.add(userId)
    },
    tick() {
      missed.tick()
      accounts.tick()
      if (isTellingAnew || unheard.size === 0 || clock.monotonic() < pausesUntil) return
      isTellingAnew = true
      void tellSomeAnew().finally(() => {
        isTellingAnew = false
      })
    },
    async flush() {
      await Promise.all([missed.flush(), accounts.flush()])
    },
  }
}
