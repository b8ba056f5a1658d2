import type { DeviceMessage } from '../../protocol/connection.ts'
import type { Bus } from '../bus/bus.ts'
import type { RingMessage } from '../bus/person-message.ts'
import type { Connection } from './connection.ts'
import { type HandshakeDependencies, handshake } from './handshake.ts'
import type { NewestFirst } from './newest-first.ts'

/** So many hellos are dealt with at once: more than keep a database busy, and few enough for others to be asked too. */
export const hellosAtOnce = 50

export interface MessageDependencies extends HandshakeDependencies {
  readonly bus: Bus
  readonly helloInTurn: NewestFirst
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
      return calls.decline(by, message.call)
    case 'seen':
    case 'unseen':
      return calls.mark(by, message)
    case 'goodbye':
      presence.leave(connection)
      return connection.end()
  }
}
