import type { DeviceMessage, ServerMessage } from '../../protocol/connection.ts'
import type { Bus } from '../bus/bus.ts'
import type { RingMessage } from '../bus/person-message.ts'
import type { EventFeed } from '../people/event-feed.ts'
import type { Asker } from '../people/people-requests.ts'
import type { Requests } from '../people/requests.ts'
import type { Watching } from '../people/watching/watching.ts'
import type { Connection } from './connection.ts'
import { type HandshakeDependencies, handshake } from './handshake.ts'
import type { NewestFirst } from './newest-first.ts'

/** So many hellos are dealt with at once: more than keep a database busy, and few enough for others to be asked too. */
export const hellosAtOnce = 50

export interface MessageDependencies extends HandshakeDependencies {
  readonly bus: Bus
  readonly helloInTurn: NewestFirst
  readonly watching: Pick<Watching, 'watch'>
  readonly events: Pick<EventFeed, 'sync'>
  readonly requests: Requests
}

/**
 * Does what a device says. The first message must be `hello`, and only the first.
 *
 * @returns a promise only where something is waited for. @throws also at once.
 */
export function handleMessage(
  dependencies: MessageDependencies,
  connection: Connection,
  message: DeviceMessage,
): void | Promise<void> {
  const { bus, clock, calls, presence } = dependencies
  if (message.type === 'hello') {
    if (connection.helloReceived) return connection.close('malformed')
    connection.helloReceived = true
    return dependencies.helloInTurn(
      () => handshake(dependencies, connection, message),
      () => connection.open,
    )
  }
  if (!connection.identity || !connection.welcomed) return connection.close('malformed')
  const { userId, device } = connection.identity
  const by = { userId, device, connection: connection.id }
  switch (message.type) {
    case 'heartbeat': {
      // Through the bus and back to this connection: the path of a ring is what a lease is granted for (T2.1).
      const { n } = message
      const heartbeat: RingMessage = {
        kind: 'heartbeat',
        connection: connection.id,
        n,
        arrived: clock.monotonic(),
      }
      if (bus.isConnected) bus.publish(connection.ringSubject, heartbeat)
      else presence.refuse(connection, n)
      return
    }
    case 'rings':
      return presence.acknowledged(connection, message.call)
    case 'answer':
      return calls.answer(by, message.call)
    case 'decline':
      return calls.decline(by, message.call, message.reply)
    case 'seen':
    case 'unseen':
      return calls.mark(by, message)
    case 'sync':
      presence.tellPlaced(connection)
      return dependencies.events.sync(userId, connection, message.after)
    case 'request':
      return answerRequest(dependencies, connection, by, message)
    case 'watch':
      return dependencies.watching.watch(connection, userId, message.n, message.whom)
    case 'idle':
      return presence.idle(connection, message.state !== 'active')
    case 'goodbye':
      presence.leave(connection)
      return connection.end()
  }
}

/** Each request is answered once. */
async function answerRequest(
  { requests }: MessageDependencies,
  connection: Connection,
  by: Asker,
  { n, request }: Extract<DeviceMessage, { type: 'request' }>,
): Promise<void> {
  const { kind, ...answer } = await requests(by, request)
  connection.send({ type: kind, n, ...answer } as ServerMessage)
}
