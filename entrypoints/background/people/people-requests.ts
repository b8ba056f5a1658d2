import type { PeopleReply } from '../../../messages/people.ts'
import type { DeviceMessage, ServerMessage } from '../../../protocol/connection.ts'
import type { PeopleRequest, PeopleResult } from '../../../protocol/people.ts'
import type { After } from '../timer.ts'
import type { RequestAnswer } from './message-outbox.ts'

/** What came of a request of a person: they are told within 5 s, whatever the server does. */
export type PersonsAnswer =
  | { readonly kind: 'done'; readonly result: PeopleResult }
  | Extract<RequestAnswer, { kind: 'refused' }>
  /** It was said to nobody: there is no connection. */
  | { readonly kind: 'offline' }
  /** It was said, and nobody answered: whether it was done is not known. */
  | { readonly kind: 'silent' }

export interface PeopleRequests {
  /** Asks on this connection alone, for as long as it lives. Never rejects. */
  readonly askOn: (connection: number, request: PeopleRequest) => Promise<RequestAnswer>
  /**
   * Asks for a person, who waits: on the connection of now, and again on the one that comes in its place. Each request is
   * done once, however often it is said. Never rejects.
   *
   * @param waited ms for which they have waited already.
   */
  readonly ask: (request: PeopleRequest, waited?: number) => Promise<PersonsAnswer>
  /** The connection on which people are spoken of now, or null; said at each change, and as often as you like. */
  readonly connection: (connection: number | null) => void
  /** Another person is signed in, or nobody: what was asked for is not said for them. */
  readonly clear: () => void
  readonly answered: (message: Extract<ServerMessage, { type: 'done' | 'refused' }>) => void
}

interface Dependencies {
  readonly send: (connection: number, message: DeviceMessage) => void
  readonly after: After
  /** Whether a connection may come about within seconds: it is being opened, or proven. */
  readonly isHopeful: () => boolean
}

/** In ms: what is said in answer takes a moment to be seen. */
const answeredWithin = 4_500

/** Requests and their answers, by number. */
export function createPeopleRequests({ send, after, isHopeful }: Dependencies): PeopleRequests {
  let last = 0
  let current: number | null = null
  const waiting = new Map<
    number,
    { readonly connection: number; readonly heard: (answer: RequestAnswer) => void }
  >()
  /** What persons wait for, each to be said anew on another connection: how to say it, and how to give it up. */
  const persons = new Map<() => void, () => void>()

  function askOn(connection: number, request: PeopleRequest): Promise<RequestAnswer> {
    return new Promise((resolve) => {
      if (connection !== current) return resolve({ kind: 'lost' })
      last += 1
      waiting.set(last, { connection, heard: resolve })
      send(connection, { type: 'request', n: last, request })
    })
  }

  function ask(request: PeopleRequest, waited = 0): Promise<PersonsAnswer> {
    return new Promise((resolve) => {
      let said = false
      const finish = (answer: PersonsAnswer) => {
        cancel()
        persons.delete(say)
        resolve(answer)
      }
      const say = () => {
        if (current === null) return
        said = true
        void askOn(current, request).then((answer) => {
          if (answer.kind !== 'lost') finish(answer)
        })
      }
      const giveUp = () => finish({ kind: said ? 'silent' : 'offline' })
      const cancel = after(Math.max(0, answeredWithin - waited), giveUp)
      if (current === null && !isHopeful()) return finish({ kind: 'offline' })
      persons.set(say, giveUp)
      say()
    })
  }

  return {
    askOn,
    ask,
    connection: (connection) => {
      if (connection === current) return
      current = connection
      for (const [n, { connection: asked, heard }] of waiting) {
        if (asked === connection) continue
        waiting.delete(n)
        heard({ kind: 'lost' })
      }
      for (const say of persons.keys()) say()
    },
    clear: () => {
      for (const giveUp of persons.values()) giveUp()
    },
    answered: (message) => {
      const asked = waiting.get(message.n)
      if (!asked) return
      waiting.delete(message.n)
      if (message.type === 'done') return asked.heard({ kind: 'done', result: message.result })
      const { why, message: said, retryAfter } = message
      asked.heard({ kind: 'refused', why, message: said, retryAfter })
    },
  }
}

const sentences = {
  offline: 'There is no connection to the server. Try again once calls can reach you.',
  silent:
    'The server did not answer in time, so it is not known whether that was done. Try again in a moment.',
}

/** What a page is told of an answer. */
export function replyOf(answer: PersonsAnswer): PeopleReply {
  switch (answer.kind) {
    case 'done':
      return { ok: true }
    case 'refused':
      return {
        ok: false,
        why: answer.why === 'unavailable' ? 'unavailable' : 'refused',
        message: answer.message,
      }
    case 'offline':
      return { ok: false, why: 'offline', message: sentences.offline }
    case 'silent':
      return { ok: false, why: 'unavailable', message: sentences.silent }
    default:
      return answer satisfies never
  }
}
