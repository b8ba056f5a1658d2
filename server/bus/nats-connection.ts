import { setTimeout as delay } from 'node:timers/promises'
import type { NatsConnection } from '@nats-io/transport-node'
import type { NatsConfig } from './nats-config.ts'
import { dialNats, NatsRefused, NatsUnreachable } from './nats-dial.ts'

/** A ping goes out this often, in ms, and is answered within so many: else the server is taken for hung. */
const pingEvery = 1_000
const pongWithin = 2_500

/** Closing takes no longer, in ms. */
const closeWithin = 200

/** Between two rounds of all servers, in ms; by lot, so that nodes do not come back in step. */
const shortestPause = 100
const longestPause = 2_000

export interface NatsConnectionEvents {
  /** There is a connection: subscribes, and shows that what is published comes back. One that rejects is given up. */
  readonly onOpen: (connection: NatsConnection) => Promise<void>
  /** It is gone, or so good as gone; another one is looked for. Nothing that was published since counts. */
  readonly onLost: (why: string) => void
  /** What the server says against us while it goes on: a subject that is forbidden, say. */
  readonly onError: (error: unknown) => void
}

export interface ReconnectingNats {
  close(): Promise<void>
}

/**
 * Holds a connection to one of the servers, and makes another when it is lost, for ever. We connect anew by ourselves
 * and not by the driver: it keeps what is published meanwhile and sends it later, and a server that hangs with its
 * buffers full keeps it waiting for good.
 *
 * @throws NatsUnreachable or NatsRefused when no server lets us in at the first round.
 */
export async function holdNats(config: NatsConfig, events: NatsConnectionEvents): Promise<ReconnectingNats> {
  const closing = new AbortController()
  let letGo = () => {}

  const round = async (): Promise<NatsConnection> => {
    const failures: unknown[] = []
    for (const server of shuffled(config.servers)) {
      if (closing.signal.aborted) break
      try {
        const connection = await dialNats(config, server)
        try {
          await events.onOpen(connection)
          return connection
        } catch (error) {
          void connection.close().catch(() => {})
          throw error
        }
      } catch (error) {
        failures.push(error)
      }
    }
    // What somebody can mend by the settings is the one to tell.
    throw (
      failures.find((error) => error instanceof NatsRefused) ??
      failures.find((error) => !(error instanceof NatsUnreachable)) ??
      new NatsUnreachable(failures.map((error) => (error as Error).message).join('; '))
    )
  }

  const keep = async (first: NatsConnection) => {
    let connection = first
    while (!closing.signal.aborted) {
      const why = await lossOf(connection, events.onError, (end) => {
        letGo = end
      })
      void connection.close().catch(() => {})
      if (closing.signal.aborted) return
      events.onLost(why)
      const next = await again(round, closing.signal, events.onError)
      if (!next) return
      connection = next
    }
    void connection.close().catch(() => {})
  }

  const first = await round()
  const kept = keep(first)
  return {
    async close() {
      closing.abort()
      letGo()
      // One that is being made at this moment is given up when it is there; whoever stops does not wait for that.
      await Promise.race([kept, delay(closeWithin, undefined, { ref: false })])
    },
  }
}

/** Tries until there is a connection. @returns undefined when nobody wants one any more. */
async function again(
  round: () => Promise<NatsConnection>,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<NatsConnection | undefined> {
  let told = ''
  for (;;) {
    const pause = shortestPause + Math.random() * (longestPause - shortestPause)
    await delay(pause, undefined, { signal }).catch(() => {})
    if (signal.aborted) return undefined
    try {
      return await round()
    } catch (error) {
      // Once for each reason: it may take hours.
      const reason = error instanceof Error ? error.message : String(error)
      if (reason !== told && !(error instanceof NatsUnreachable)) onError(error)
      told = reason
    }
  }
}

/** Resolves as the connection is lost, with why: it was closed, a ping was not answered, or `end` was called. */
function lossOf(
  connection: NatsConnection,
  onError: (error: unknown) => void,
  givesEnd: (end: () => void) => void,
): Promise<string> {
  return new Promise((resolve) => {
    let asked: number | undefined
    const end = (why: string) => {
      clearInterval(timer)
      resolve(why)
    }
    const ping = () => {
      const sent = performance.now()
      asked = sent
      connection.flush().then(
        () => {
          if (asked === sent) asked = undefined
        },
        () => end('the connection broke'),
      )
    }
    const timer = setInterval(() => {
      if (asked === undefined) return ping()
      const overdue = asked
      if (performance.now() - overdue < pongWithin) return
      // Where it was us who hung, the answer is there and has yet to be read.
      setImmediate(() => setImmediate(() => asked === overdue && end('a ping was not answered')))
    }, pingEvery)
    ping()
    givesEnd(() => end('closed'))
    void connection.closed().then(() => end('the connection broke'))
    void (async () => {
      for await (const status of connection.status()) {
        if (status.type === 'error') onError(status.error)
        if (status.type === 'disconnect') end('the connection broke')
      }
    })()
  })
}

const shuffled = <T>(all: readonly T[]): T[] =>
  all
    .map((one) => ({ one, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)
