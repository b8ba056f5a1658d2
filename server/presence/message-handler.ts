import type { DeviceMessage } from '../../protocol/connection.ts'
import type { Bus } from '../bus/bus.ts'
import { personSubject } from '../bus/person-message.ts'
import type { Calls } from '../calls/calls.ts'
import type { Clock } from '../clock.ts'
import type { Connection } from './connection.ts'
import { type Greeter, greet } from './handshake.ts'

export interface Conversation extends Greeter {
  readonly bus: Bus
  readonly clock: Clock
  readonly calls: Calls
}

/** Does what a device says. The first message must be `hello`, and only the first. */
export async function converse(
  parts: Conversation,
  connection: Connection,
  message: DeviceMessage,
): Promise<void> {
  const { bus, clock, calls, presence } = parts
  if (message.type === 'hello') {
    if (connection.greeted) return connection.close('malformed')
    connection.greeted = true
    return greet(parts, connection, message)
  }
  if (!connection.identity || !connection.welcomed) return connection.close('malformed')
  const { userId, device } = connection.identity
  switch (message.type) {
    case 'heartbeat': {
      // Through the bus and back to this connection: the path of a ring is what a lease is granted for (T2).
      const heartbeat = {
        kind: 'heartbeat',
        connection: connection.id,
        n: message.n,
        arrived: clock.monotonic(),
      }
      await bus.request(personSubject(userId), heartbeat, { within: parts.timing.answerWithin })
      return
    }
    case 'rings':
      return presence.acknowledged(connection, message.call)
    case 'answer':
      return calls.answer(userId, device, connection.id, message.call)
    case 'decline':
      return calls.decline(userId, device, connection.id, message.call)
    case 'seen':
      return calls.seen(userId, message.calls)
    case 'goodbye':
      presence.leave(connection)
      return connection.end()
  }
}
