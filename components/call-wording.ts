import type { CallEnd, IncomingCall } from '../messages/state.ts'

const ends: Readonly<Record<CallEnd, string>> = {
  'answered-here': 'Answered here',
  'answered-elsewhere': 'Answered on another device',
  'declined-here': 'Declined',
  'declined-elsewhere': 'Declined on another device',
  cancelled: 'The caller hung up',
  missed: 'Missed: it rang too long',
  lost: 'The line was lost while it rang',
}

/** Where a call stands, in a few words. */
export function callWording({ phase, test }: IncomingCall): string {
  if (typeof phase === 'object') return ends[phase.over]
  switch (phase) {
    case 'ringing':
      return test ? 'Only a test: nobody is calling' : 'is calling you'
    case 'answering':
      return 'Answering…'
    case 'declining':
      return 'Declining…'
  }
}

export const isOver = ({ phase }: IncomingCall): boolean => typeof phase === 'object'
