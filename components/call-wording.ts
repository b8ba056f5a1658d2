import { isolated } from '../messages/isolated.ts'
import type { DeviceCallEnd, IncomingCall, MissedWhy } from '../messages/state.ts'

/** How a call ended, of which whoever called is `from`. */
function endWording(over: DeviceCallEnd, from: string): string {
  switch (over) {
    case 'answered-here':
      return 'Answered here'
    case 'answered-without-room':
      return 'Answered here, but the server named no room that can be opened. Ask whoever runs it.'
    case 'answered-elsewhere':
      return 'Answered on another device'
    case 'declined-here':
      return 'Declined'
    case 'declined-elsewhere':
      return 'Declined on another device'
    case 'cancelled':
      return 'The caller hung up'
    case 'missed':
      return 'Missed'
    case 'lost':
      return `The connection was lost: whether ${isolated(from)} still waits is not known`
    case 'unknown':
      return 'It no longer rings. How it ended is not known here.'
  }
}

/** Where a call stands, and what happens next where that is not plain. */
export function callWording({ phase, test, from }: IncomingCall): string {
  const waiting = `${isolated(from)} may still be waiting`
  switch (phase) {
    case 'ringing':
      return test ? 'Only a test: nobody is calling' : 'is calling you'
    case 'checking':
      return `Checking the connection: ${waiting}`
    case 'connection-lost':
      return `Connection lost: ${waiting}`
    case 'answering':
      return 'Answering…'
    case 'declining':
      return 'Declining…'
    default:
      break
  }
  if ('over' in phase)
    return test && phase.over === 'missed' ? 'The test is over' : endWording(phase.over, from)
  if (phase.why === 'server-silent') return `The server does not answer. ${waiting}; trying again.`
  return phase.unheard === 'answer'
    ? `Connection lost: ${waiting}. You answer as soon as it is back.`
    : `Connection lost: ${waiting}. You decline as soon as it is back.`
}

export const isOver = ({ phase }: IncomingCall): boolean => typeof phase === 'object' && 'over' in phase

/** Whether the call rings here at this moment, so that Answer would get through. */
export const rings = ({ phase }: IncomingCall): boolean => phase === 'ringing'

/** Nothing was pressed yet. A call that may still be waiting can be declined: that is told later. */
export const canDecline = ({ phase }: IncomingCall): boolean =>
  phase === 'ringing' || phase === 'checking' || phase === 'connection-lost'

/**
 * Why nobody answered a missed call. It is said as far as the server knows: that the person talks to somebody else it
 * never does, only that others were calling.
 */
export const missedWhyWording: Readonly<Record<MissedWhy, string>> = {
  'no-answer': 'no answer',
  cancelled: 'hung up',
  unreachable: 'you could not be reached',
  busy: 'too many calls at once',
  'server-restarted': 'the server stopped',
}
