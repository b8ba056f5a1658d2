import type { PastCallView } from '../../messages/people.ts'
import { missedWhyWording } from '../call-wording.ts'

/** Why a call that this person placed came to nothing. */
const whyNot: Readonly<Record<NonNullable<PastCallView['why']>, string>> = {
  unreachable: 'could not be reached',
  'no-answer': 'no answer',
  cancelled: 'you hung up',
  busy: 'busy',
  'server-restarted': 'the server stopped',
}

/** How a call of the list came out, in a few words. */
export function pastCallWording({ direction, how, why, here, blocked }: PastCallView): string {
  if (blocked) return 'did not ring'
  const outgoing = direction === 'out'
  switch (how) {
    case 'answered':
      if (outgoing) return 'answered'
      return here === false ? 'answered on another device' : 'answered'
    case 'declined':
      if (outgoing) return 'declined'
      return here === false ? 'declined on another device' : 'you declined'
    case 'cancelled':
      return outgoing ? 'you hung up' : 'hung up'
    case 'missed':
      if (outgoing) return why ? whyNot[why] : 'no answer'
      return why ? `missed: ${missedWhyWording[why]}` : 'missed'
    default:
      return how satisfies never
  }
}

/** A call of somebody else that nobody took: it counts as missed, also where they hung up. */
export const wasMissed = ({ direction, how, blocked }: PastCallView): boolean =>
  direction === 'in' && !blocked && (how === 'missed' || how === 'cancelled')
