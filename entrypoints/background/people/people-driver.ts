import type { Ask, Command, Reply } from '../../../messages/commands.ts'
import type { PeopleCommands, PeopleState } from '../../../messages/people.ts'
import type { ServerMessage } from '../../../protocol/connection.ts'

/** What the server says of people. */
export type PeopleServerMessage = Extract<
  ServerMessage,
  { type: 'events' | 'reset' | 'done' | 'refused' | 'presence' | 'placed-call' }
>

export type PeopleHandlers = {
  readonly [C in keyof PeopleCommands & Command]: (ask: Ask<C>) => Reply<C> | Promise<Reply<C>>
}

export interface PeopleDriver {
  /** Null where the server knows nothing of people, or nobody is signed in. */
  readonly now: () => PeopleState | null
  /** A connection was welcomed: whose it is, and what its server knows besides. */
  readonly welcomed: (connection: number, account: string, features: readonly string[]) => void
  readonly heard: (connection: number, message: PeopleServerMessage) => void
  /** What each command about people does. */
  readonly handlers: PeopleHandlers
}

const done = { ok: true } as const
const unavailable = {
  ok: false,
  why: 'unavailable',
  message: 'This server knows nothing of contacts.',
} as const

export function createPeopleDriver(): PeopleDriver {
  return {
    now: () => null,
    welcomed: () => {},
    heard: () => {},
    handlers: {
      'set-status': () => unavailable,
      'ask-contact': () => unavailable,
      'answer-contact': () => unavailable,
      'change-contact': () => unavailable,
      'await-contact': () => unavailable,
      'call-contact': () => ({ ok: true, key: crypto.randomUUID() }),
      'cancel-placed-call': () => unavailable,
      'send-message': () => unavailable,
      'resend-message': () => unavailable,
      'thread-read': () => done,
      'load-history': () => unavailable,
      'keep-message-draft': () => done,
      'list-calls': () => unavailable,
      'cancel-expected': () => unavailable,
    },
  }
}
