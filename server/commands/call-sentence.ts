import type { Call } from '../../protocol/http.ts'

/** What a call is doing, for whoever placed it. */
export function sentenceOf({ state, to, devices, why, room }: Call): string {
  switch (state) {
    case 'placed':
      return `Calling ${to} …`
    case 'ringing':
      return `Ringing ${to} on ${devices === 1 ? '1 device' : `${devices} devices`}.`
    case 'answered':
      return `Answered. The room: ${room}`
    case 'declined':
      return 'Declined.'
    case 'cancelled':
      return 'Cancelled. It is kept as a missed call.'
    case 'missed':
      return `${missed(to, why)} It is kept as a missed call.`
  }
}

function missed(to: string, why: string | null): string {
  switch (why) {
    case 'unreachable':
      return `${to} is unreachable: no device of theirs can be rung now.`
    case 'busy':
      return `${to} is busy: another call is ringing there.`
    case 'server-restarted':
      return 'The server stopped while the call was ringing.'
    default:
      return 'Nobody answered.'
  }
}
