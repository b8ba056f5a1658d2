import type { DeviceMessage } from '../../protocol/line.ts'
import type { Bus } from '../bus/bus.ts'
import { personSubject } from '../bus/person-message.ts'
import type { Clock } from '../clock.ts'
import type { Ringing } from '../ringing/ringing.ts'
import { type Greeter, greet } from './greeting.ts'
import type { Line } from './line.ts'

export interface Conversation extends Greeter {
  readonly bus: Bus
  readonly clock: Clock
  readonly ringing: Ringing
}

/** Does what a device says. The first message must be `hello`, and only the first. */
export async function converse(parts: Conversation, line: Line, message: DeviceMessage): Promise<void> {
  const { bus, clock, ringing, presence } = parts
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
      return ringing.answer(userId, device, line.id, message.call)
    case 'decline':
      return ringing.decline(userId, device, line.id, message.call)
    case 'seen':
      return ringing.seen(userId, message.calls)
    case 'goodbye':
      presence.leave(line)
      return line.end()
  }
}
