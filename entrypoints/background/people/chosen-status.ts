import type { ChosenStatus, Status } from '../../../protocol/people.ts'

/** What a person chose on this device and the server has not told as an event yet. */
export interface Choice {
  readonly status: ChosenStatus
  /** With busy: when it ends (ms since 1970). */
  readonly until: number | null
  /** Counts the choices of this worker: an answer is to one of them. */
  readonly n: number
  /** The connection on which it was said last; null while it was on none of this worker's. */
  readonly saidOn: number | null
  /** The server has taken it, at this moment (ms since 1970): what it is now is told by an event. */
  readonly takenAt: number | null
}

export interface StatusState {
  /** As the server told it last; null while it has not. */
  readonly told: Status | null
  readonly choice: Choice | null
}

export const noStatus: StatusState = { told: null, choice: null }

export type StatusEvent =
  | {
      readonly type: 'chosen'
      readonly status: ChosenStatus
      readonly until: number | null
      readonly n: number
    }
  | { readonly type: 'said'; readonly n: number; readonly connection: number }
  /** The server answered: it took it, or will not. */
  | { readonly type: 'taken' | 'refused'; readonly n: number }
  /** Nobody answered, or the server could not: it is said again. */
  | { readonly type: 'unheard'; readonly n: number }
  | { readonly type: 'told'; readonly status: Status | null }
  | { readonly type: 'look' }

/** The event of what the server took comes right after. If it has not by then (ms), what it told last holds. */
const toldWithin = 5_000

/**
 * Decides what an event does to the status. What is chosen here holds here at once; the server gives each change a
 * revision, and what reaches it last is what holds.
 *
 * @param now ms since 1970.
 */
export function reduceStatus(state: StatusState, event: StatusEvent, now: number): StatusState {
  const { told, choice } = state
  switch (event.type) {
    case 'chosen': {
      const { status, until, n } = event
      return { told, choice: { status, until, n, saidOn: null, takenAt: null } }
    }
    case 'said':
      return choice?.n === event.n ? { told, choice: { ...choice, saidOn: event.connection } } : state
    case 'taken':
      if (choice?.n !== event.n) return state
      return settle({ told, choice: { ...choice, takenAt: now } }, now)
    case 'refused':
      return choice?.n === event.n ? { told, choice: null } : state
    case 'unheard':
      return choice?.n === event.n ? { told, choice: { ...choice, saidOn: null } } : state
    case 'told': {
      const isNewer = !told || !event.status || event.status.revision >= told.revision
      // After what was taken any news is that, or newer.
      const kept = choice?.takenAt != null && event.status ? null : choice
      return isNewer ? settle({ told: event.status, choice: kept }, now) : state
    }
    case 'look':
      return settle(state, now)
    default:
      return event satisfies never
  }
}

/** A choice that holds anyway, or whose time is over, is none. */
function settle(state: StatusState, now: number): StatusState {
  const { told, choice } = state
  if (!choice) return state
  const isOver = choice.until !== null && choice.until <= now
  const isSo = choice.takenAt !== null && told?.status === choice.status && told.until === choice.until
  const isLate = choice.takenAt !== null && now - choice.takenAt >= toldWithin
  return isOver || isSo || isLate ? { told, choice: null } : state
}

/** What is to be said on this connection, or null. */
export const choiceToSay = ({ choice }: StatusState, connection: number | null): Choice | null =>
  choice && choice.takenAt === null && connection !== null && choice.saidOn !== connection ? choice : null

/** Whether the server may still show the person as available, who chose otherwise. */
export const isShownOtherwise = ({ choice }: StatusState): boolean =>
  choice !== null && choice.takenAt === null && choice.status !== 'available'

export interface HeldStatus {
  readonly chosen: ChosenStatus
  readonly until: number | null
  /** The server has told it. */
  readonly confirmed: boolean
}

/** The status as it holds here; null where nothing of it is known yet. A busy whose end has passed is available. */
export function statusNow({ told, choice }: StatusState, now: number): HeldStatus | null {
  const held = choice ?? told
  if (!held) return null
  const { status, until } = held
  const confirmed = choice === null
  const isOver = status === 'busy' && until !== null && until <= now
  return isOver ? { chosen: 'available', until: null, confirmed } : { chosen: status, until, confirmed }
}

/** In how many ms time alone changes the status; null when it does not. */
export function nextStatusLook({ told, choice }: StatusState, now: number): number | null {
  const ends = [told?.until, choice?.until, choice?.takenAt != null ? choice.takenAt + toldWithin : null]
  const waits = ends.flatMap((end) => (end != null && end > now ? [end - now] : []))
  return waits.length === 0 ? null : Math.min(...waits)
}
