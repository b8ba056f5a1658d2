import type { PeopleReply } from '../../../messages/people.ts'
import type { ChosenStatus, Status } from '../../../protocol/people.ts'
import { type After, createTimer } from '../timer.ts'
import {
  type Choice,
  choiceToSay,
  isShownOtherwise,
  nextStatusLook,
  noStatus,
  reduceStatus,
  type StatusEvent,
  statusNow,
} from './chosen-status.ts'
import { type PeopleRequests, type PersonsAnswer, replyOf } from './people-requests.ts'

export interface OwnStatus {
  readonly now: () => ReturnType<typeof statusNow>
  /** What was chosen here and the server has not taken, or null: it is to outlive the worker. */
  readonly choice: () => Pick<Choice, 'status' | 'until'> | null
  /**
   * It holds here at once, and is said to the server when it can be.
   *
   * @param waited ms for which whoever chose has waited already.
   * @returns what the server made of it, where it could be asked; else that it holds here.
   */
  readonly choose: (status: ChosenStatus, until: number | null, waited?: number) => Promise<PeopleReply>
  /** As the server told it; null of a server that has not. */
  readonly told: (status: Status | null) => void
  readonly connection: (connection: number | null) => void
  /** What an earlier worker did not get said. */
  readonly restore: (choice: Pick<Choice, 'status' | 'until'> | null) => void
  readonly clear: () => void
  /**
   * Calls `prove`, which makes the server show the person, once it does not show them as available who chose otherwise:
   * at once where nothing waits to be taken. Of several that wait only the last is called.
   */
  readonly beforeShown: (prove: () => void) => void
}

interface Dependencies {
  /** ms since 1970. */
  readonly now: () => number
  readonly after: After
  readonly requests: Pick<PeopleRequests, 'ask'>
  readonly changed: () => void
}

/** An end that is further away than this is looked for again by then, in ms: no timer waits for longer. */
const longestWait = 60_000

/** The person's status, chosen here or on another device. */
export function createOwnStatus({ now, after, requests, changed }: Dependencies): OwnStatus {
  let state = noStatus
  let connection: number | null = null
  let last = 0
  let waiting: (() => void) | null = null
  const lookIn = createTimer(after, () => {
    dispatch({ type: 'look' })
    // A busy that has ended is another status, though nothing was told.
    changed()
  })

  function dispatch(event: StatusEvent): void {
    const before = JSON.stringify([state, statusNow(state, now())])
    state = reduceStatus(state, event, now())
    const wait = nextStatusLook(state, now())
    lookIn(wait === null ? null : Math.min(wait, longestWait))
    if (JSON.stringify([state, statusNow(state, now())]) !== before) changed()
    proveIfShown()
  }

  function proveIfShown(): void {
    if (!waiting || isShownOtherwise(state)) return
    const prove = waiting
    waiting = null
    prove()
  }

  /** Says what is chosen and was not said on this connection. */
  async function say(waited = 0): Promise<PersonsAnswer | null> {
    const choice = choiceToSay(state, connection)
    if (!choice || connection === null) return null
    const { n, status, until } = choice
    dispatch({ type: 'said', n, connection })
    const answer = await requests.ask({ what: 'set-status', status, until }, waited)
    if (answer.kind === 'done') dispatch({ type: 'taken', n })
    else if (answer.kind === 'refused' && answer.why !== 'unavailable' && answer.why !== 'too-many-attempts')
      dispatch({ type: 'refused', n })
    else after(sayAgainAfter(answer), () => sayAgain(n))
    return answer
  }

  function sayAgain(n: number): void {
    dispatch({ type: 'unheard', n })
    void say()
  }

  return {
    now: () => statusNow(state, now()),
    choice: () => {
      const { choice } = state
      return choice && choice.takenAt === null ? { status: choice.status, until: choice.until } : null
    },
    choose: async (status, until, waited) => {
      last += 1
      dispatch({ type: 'chosen', status, until, n: last })
      const answer = await say(waited)
      return answer?.kind === 'refused' ? replyOf(answer) : { ok: true }
    },
    told: (status) => dispatch({ type: 'told', status }),
    connection: (next) => {
      connection = next
      void say()
    },
    restore: (choice) => {
      if (!choice || state.choice) return
      last += 1
      dispatch({ type: 'chosen', ...choice, n: last })
      void say()
    },
    clear: () => {
      state = noStatus
      lookIn(null)
      changed()
      proveIfShown()
    },
    beforeShown: (prove) => {
      waiting = prove
      proveIfShown()
    },
  }
}

/** What a server could not do, or did not answer, is said again after so many ms: until then they are shown otherwise. */
const sayAgainAfter = (answer: PersonsAnswer): number =>
  Math.max(1, (answer.kind === 'refused' && answer.retryAfter) || 0) * 1_000
