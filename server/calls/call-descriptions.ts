import * as v from 'valibot'
import { call, callRoom, idempotencyKey, placeCallRequest } from '../../protocol/http.ts'
import type { DescribedParameter, RouteDescription } from '../http/route.ts'
import { textParameter } from '../http/text-parameter.ts'

const id: Readonly<Record<string, DescribedParameter>> = {
  id: { in: 'path', about: 'The id of the call.', schema: textParameter },
}

const now = { about: 'The call as it is now.', schema: call }

/** What is read about the routes of calls. */
export const callDescriptions = {
  place: {
    summary: 'Call somebody',
    about:
      'Rings every device of theirs that can be reached. Answered once those have acknowledged the ring, 3 s later at most.',
    parameters: {
      'Idempotency-Key': {
        in: 'header',
        about: 'The program’s own id of the call: sent again with the same one, it is placed once.',
        schema: v.optional(idempotencyKey),
      },
    },
    body: { schema: placeCallRequest },
    answers: {
      201: { about: 'It is placed.', schema: call },
      200: { about: 'It was placed before, with the same Idempotency-Key.', schema: call },
    },
    refuses: [
      ...(['bad-request', 'unauthorized', 'no-such-account', 'too-large', 'idempotency-key-reused'] as const),
      ...(['too-many-attempts', 'storage', 'busy', 'stopping'] as const),
    ],
  },
  get: {
    summary: 'A call of this key',
    parameters: id,
    answers: { 200: now },
    refuses: ['unauthorized', 'no-such-call'],
  },
  cancel: {
    summary: 'End a call that nobody has answered',
    about: 'It stays with the callee as missed.',
    parameters: id,
    answers: { 200: now },
    refuses: ['unauthorized', 'no-such-call', 'already-over', 'storage', 'busy'],
  },
  room: {
    summary: 'One more address of an answered call’s room',
    about:
      'For the caller’s side, good for five minutes and once. Whoever was in the room comes back by the address without it, in the same browser.',
    parameters: id,
    answers: { 200: { about: 'The address.', schema: callRoom } },
    refuses: ['unauthorized', 'no-such-call', 'no-room'],
  },
  events: {
    summary: 'Follow a call',
    about:
      'The present state at once, then each change, until it is over; each event’s data is the whole call.',
    parameters: id,
    answers: { 200: { about: 'Server-sent events.', schema: v.string(), type: 'text/event-stream' } },
    refuses: ['unauthorized', 'no-such-call'],
  },
} as const satisfies Record<string, RouteDescription>
