import { type PeopleHandlers, refused } from '../people/people-requests.ts'
import type { CallsOfPeople } from './people-calls.ts'

/** What a device asks for about calls of its person. */
export const callRequests = (
  calls: Pick<CallsOfPeople, 'placeTo' | 'cancelPlaced' | 'past'>,
): PeopleHandlers<'place-call' | 'cancel-call' | 'calls'> => ({
  async 'place-call'(by, { contact, key }) {
    const placed = await calls.placeTo(by, { contact, key })
    switch (placed.kind) {
      case 'placed':
        return { kind: 'done', result: { what: 'placed', call: placed.call } }
      case 'no-such-contact':
        return refused('no-such-contact', 'You have no such contact any more.')
      case 'key-reused':
        return refused('bad-request', 'This was the key of another call.')
      case 'calling-already':
        return refused('bad-request', `You are calling ${placed.name} already.`)
      case 'too-many-at-once':
        return refused('bad-request', 'You are calling three people already. End one of these calls first.')
      case 'too-many':
        return refused(
          'too-many-attempts',
          'You have placed many calls in a short time. Wait a moment, and try again.',
          Math.ceil(placed.wait / 1_000),
        )
      case 'stopping':
        return refused('unavailable', 'The server is stopping. Try again in a little while.')
    }
  },
  async 'cancel-call'({ userId }, { call }) {
    switch (await calls.cancelPlaced(userId, call)) {
      case 'cancelled':
        return { kind: 'done', result: { what: 'done' } }
      case 'over':
        return refused('bad-request', 'This call is over already.')
      case 'none':
        return refused('bad-request', 'There is no such call.')
    }
  },
  async calls(by, { before }) {
    return { kind: 'done', result: { what: 'calls', ...(await calls.past(by, before)) } }
  },
})
