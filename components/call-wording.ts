import { furtherWording } from '../messages/further-calls.ts'
import { isolated } from '../messages/isolated.ts'
import type { DeviceCallEnd, IncomingCall, MissedWhy } from '../messages/state.ts'

/** How a call ended, of which whoever called is `from`. */
function endWording(over: DeviceCallEnd, from: string): string {
  switch (over) {
    case 'answered-here':
      return 'Answered here'
    case 'answered-without-room':
      return 'Answered here, but the server named no room that can be opened. Ask whoever runs it.'
    case 'room-not-opened':
      return `Answered here, but this browser did not open the room, where ${isolated(from)} waits. Open a window of it, and ask them to call again.`
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

function testEndWording(over: DeviceCallEnd): string {
  if (over === 'answered-here') return 'Answered. It was only a test: nobody was calling.'
  return over === 'declined-here' ? 'Declined. It was only a test.' : 'The test is over'
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
  if ('over' in phase) return test ? testEndWording(phase.over) : endWording(phase.over, from)
  if (phase.why === 'server-silent') return `The server does not answer. ${waiting}; trying again.`
  return phase.unheard === 'answer'
    ? `Connection lost: ${waiting}. You answer as soon as it is back.`
    : `Connection lost: ${waiting}. You decline as soon as it is back.`
}

/**
 * The title of a call's window, which the task bar shows: who is calling, or how the call stands.
 *
 * @param others how many more calls ring, of other windows and of none.
 */
export function callTitle(call: IncomingCall, others: number): string {
  const name = isolated(call.from)
  // What draws titles may take their direction from the name all the same, and put it last: U+200E comes before it.
  const start = name === call.from ? '' : '\u200e'
  // What comes last is cut off first.
  if (!call.test && rings(call) && others > 0) return `${start}${name} and ${manyMore(others)} are calling`
  return `${start}${standingTitle(call, name)} – Reachable`
}

function standingTitle({ test, phase }: IncomingCall, name: string): string {
  const over = typeof phase === 'object' && 'over' in phase
  if (test) return over ? 'The test is over' : 'Test ring'
  if (phase === 'ringing') return `${name} is calling`
  if (over || phase === 'answering' || phase === 'declining') return `Call from ${name}`
  return `${name} may still be waiting`
}

/** `2 more`, for the end of which `furtherWording` says calls. */
const manyMore = (others: number) => furtherWording(others).replace(/ calls?$/, '')

/**
 * How long a call has rung, for as long as it does.
 *
 * @param again after it did not for a while.
 * @param age since it first rang on this device, in milliseconds.
 */
export function ringingWording(again: boolean, age: number): string {
  const seconds = Math.floor(Math.max(0, age) / 1_000)
  const time = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return again ? `Ringing again; rang first ${time} ago` : `Ringing for ${time}`
}

/** Whoever answered and found no room has to read why: the window stays for that. */
export const isToBeRead = ({ phase }: IncomingCall): boolean =>
  typeof phase === 'object' &&
  'over' in phase &&
  (phase.over === 'answered-without-room' || phase.over === 'room-not-opened')

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
  busy: 'you were busy, or too many called',
  'server-restarted': 'the server stopped',
}
