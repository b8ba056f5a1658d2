import type { Call } from '../../protocol/http.ts'

/**
 * What a call is doing, for whoever placed it.
 *
 * @param before what it did until now, in order.
 * @param now wall-clock ms.
 */
export function sentenceOf(call: Call, before: readonly Call[], now: number): string {
  const { state, to, devices, why, room, deadline } = call
  const rung = before.some((earlier) => earlier.state === 'ringing')
  const again = rung && before.at(-1)?.state === 'waiting'
  switch (state) {
    case 'placed':
      return `Calling ${to} …`
    case 'ringing':
      return `${again ? 'Ringing again' : 'Ringing'} on ${devices === 1 ? '1 device' : `${devices} devices`}.`
    case 'waiting':
      return `No device of ${to} can be reached now; trying for ${Math.max(0, Math.ceil((deadline - now) / 1_000))} s more.`
    case 'answered':
      return `Answered. The room: ${room}`
    case 'declined':
      return 'Declined.'
    case 'cancelled':
      return 'Cancelled. It is kept as a missed call.'
    case 'missed':
      return `${missed(to, why, rung)} It is kept as a missed call.`
  }
}

function missed(to: string, why: string | null, rung: boolean): string {
  switch (why) {
    case 'unreachable':
      return rung
        ? `Nobody answered, and no device of ${to} can be reached any more.`
        : `${to} is unreachable: no device of theirs can be rung now.`
    case 'busy':
      return `${to} is busy: as many calls as can ring at once are ringing there.`
    case 'server-restarted':
      return 'The server stopped during the call.'
    default:
      return 'Nobody answered.'
  }
}
