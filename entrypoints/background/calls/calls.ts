import type { CallEnd, IncomingCall } from '../../../messages/state.ts'
import type { Outcome, RingingCall } from '../../../protocol/line.ts'

export type CallEvent =
  | { readonly type: 'ring'; readonly call: RingingCall; readonly test: boolean }
  | { readonly type: 'over'; readonly call: string; readonly outcome: Outcome; readonly here: boolean }
  | { readonly type: 'press'; readonly call: string; readonly button: 'answer' | 'decline' }
  /** A new line was welcomed; these are all the calls that still ring for this person. */
  | { readonly type: 'welcome'; readonly ringing: readonly string[] }
  /** The time a call may ring is over, whatever the server says or cannot say. */
  | { readonly type: 'expire'; readonly call: string }
  /** The end of a call has been shown long enough. */
  | { readonly type: 'leave'; readonly call: string }
  | { readonly type: 'sign-out' }

/** Decides what an event does to the calls on this device, oldest first. A call that is over stays over. */
export function reduceCalls(calls: readonly IncomingCall[], event: CallEvent): readonly IncomingCall[] {
  switch (event.type) {
    case 'ring': {
      if (calls.some(({ id }) => id === event.call.id)) return calls
      const { id, from, at } = event.call
      return [...calls, { id, from, at, test: event.test, phase: 'ringing' }]
    }
    case 'over':
      return settle(calls, event.call, endOf(event.outcome, event.here))
    case 'press': {
      const phase = event.button === 'answer' ? 'answering' : 'declining'
      return calls.map((call) =>
        call.id === event.call && call.phase === 'ringing' ? { ...call, phase } : call,
      )
    }
    case 'welcome':
      // What was pressed is asked again on the new line, and the server then says how the call ended.
      return calls.map((call) =>
        call.phase !== 'ringing' || call.test || event.ringing.includes(call.id)
          ? call
          : { ...call, phase: { over: 'lost' } },
      )
    case 'expire':
      return settle(calls, event.call, 'lost')
    case 'leave':
      return calls.filter((call) => call.id !== event.call || !isOver(call))
    case 'sign-out':
      return []
    default:
      return event satisfies never
  }
}

export const isOver = (call: IncomingCall): boolean => typeof call.phase === 'object'

const settle = (calls: readonly IncomingCall[], id: string, over: CallEnd) =>
  calls.map((call) => (call.id === id && !isOver(call) ? { ...call, phase: { over } } : call))

function endOf(outcome: Outcome, here: boolean): CallEnd {
  switch (outcome) {
    case 'answered':
      return here ? 'answered-here' : 'answered-elsewhere'
    case 'declined':
      return here ? 'declined-here' : 'declined-elsewhere'
    case 'cancelled':
    case 'missed':
      return outcome
    default:
      return outcome satisfies never
  }
}
