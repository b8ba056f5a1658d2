import type { ServerMessage } from '../../protocol/connection.ts'
import { readAccount } from '../accounts/find-account.ts'
import type { PersonMessage } from '../bus/person-message.ts'
import type { CallsOfCallee } from '../calls/calls.ts'
import { createKeyedQueue } from '../calls/keyed-queue.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
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

  const missed = createPacedTelling({
    clock,
    log,
    tell: (userId, except) => tell(userId, () => readMissed(userId), except),
  })
  const accounts = createPacedTelling({
    clock,
    log,
    tell: (userId) =>
      tell(userId, async () => {
        const account = await readAccount(db, userId)
        return account && { type: 'account', account }
      }),
  })

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
    tick() {
      missed.tick()
      accounts.tick()
    },
    async flush() {
      await Promise.all([missed.flush(), accounts.flush()])
    },
  }
}
