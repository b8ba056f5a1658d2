import type { DeviceMessage } from '../../protocol/connection.ts'
import type { Bus } from '../bus/bus.ts'
import { personSubject } from '../bus/person-message.ts'
import type { Calls } from '../calls/calls.ts'
import type { Clock } from '../clock.ts'
import type { Line } from './connection.ts'
import { type Greeter, greet } from './handshake.ts'

export interface Conversation extends Greeter {
  readonly bus: Bus
  readonly clock: Clock
  readonly calls: Calls
}

/** Does what a device says. The first message must be `hello`, and only the first. */
export async function converse(parts: Conversation, line: Line, message: DeviceMessage): Promise<void> {
  const { bus, clock, calls, presence } = parts
  if (message.type === 'hello') {
    if (line.greeted) return line.close('malformed')
    line.greeted = true
    return greet(parts, line, message)
  }
  if (!line.identity || !line.welcomed) return line.close('malformed')
  const { userId, device } = line.identity
  switch (message.type) {
    case 'beat': {
      // Through the bus and back to this line: the path of a ring is what a lease is granted for (T2).
      const beat = { kind: 'beat', line: line.id, n: message.n, arrived: clock.monotonic() }
      await bus.request(personSubject(userId), beat, { within: parts.timing.answerWithin })
      return
    }
    case 'rings':
      return presence.acknowledged(line, message.call)
    case 'answer':
      return calls.answer(userId, device, line.id, message.call)
    case 'decline':
      return calls.decline(userId, device, line.id, message.call)
    case 'seen':
      return calls.seen(userId, message.calls)
    case 'goodbye':
      presence.leave(line)
      return line.end()
  }
}
