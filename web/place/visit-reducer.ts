import { placeTiming, type VisitAnswer, type VisitState, type VisitView } from '../../protocol/place.ts'

/** What became of pressing Call, where it is over. */
export type VisitOutcome =
  | Exclude<VisitState, 'queued' | 'calling' | 'answered'>
  | Exclude<VisitAnswer['kind'], 'visiting' | 'prove'>
  /** Nothing was rung, since it is not known who can be reached. */
  | 'not-known'
  | 'too-many'
  /** There is no such place any more, and no visit of it. */
  | 'gone'
  /** The visitor hung up, and nothing was heard of that, or a member had answered by then. */
  | 'hung-up'
  /** It did not work, or nothing was heard of it: whatever may ring for it ends by itself, within its lease. */
  | 'failed'

/** A visitor's call, as this page has it. Times are ms of one clock. */
export type Visit =
  | { readonly kind: 'none' }
  /** Call was pressed, and nothing is known yet. */
  | {
      readonly kind: 'asking'
      /** The page's own id of the visit. */
      readonly key: string
      readonly since: number
      readonly isProving: boolean
    }
  | {
      readonly kind: 'waiting'
      readonly id: string
      readonly secret: string
      readonly view: VisitView
      /** Until when the server is known to believe that this page is here, and what it said to be so. */
      readonly heldUntil: number
      /** The visitor has hung up, and the server has not said so yet. */
      readonly isLeaving: boolean
    }
  | { readonly kind: 'answered'; readonly room: string }
  | {
      readonly kind: 'over'
      readonly outcome: VisitOutcome
      /** With `too-many`: how many seconds to wait. */
      readonly retryAfter: number
    }

export type VisitEvent =
  | { readonly kind: 'pressed'; readonly key: string; readonly at: number }
  /** `sentAt` is when what is answered was asked. */
  | {
      readonly kind: 'answer'
      readonly key: string
      readonly answer: VisitAnswer
      readonly sentAt: number
    }
  | { readonly kind: 'view'; readonly view: VisitView; readonly sentAt: number }
  | { readonly kind: 'refused'; readonly key: string; readonly retryAfter: number | null }
  | { readonly kind: 'no-place'; readonly key: string }
  | { readonly kind: 'hung-up' }
  /** Nothing was heard of hanging up. */
  | { readonly kind: 'unheard'; readonly id: string }
  /** The visit is not there any more: it goes with its place alone. */
  | { readonly kind: 'gone'; readonly id: string }
  /** The page is shown again after another one was. */
  | { readonly kind: 'back' }

export const noVisit: Visit = { kind: 'none' }

/** The first end stays: what comes after it changes nothing. */
export function reduceVisit(visit: Visit, event: VisitEvent): Visit {
  switch (event.kind) {
    case 'pressed':
      if (visit.kind !== 'none' && visit.kind !== 'over') return visit
      return { kind: 'asking', key: event.key, since: event.at, isProving: false }
    case 'answer': {
      if (visit.kind !== 'asking' || visit.key !== event.key) return visit
      const { answer, sentAt } = event
      if (answer.kind === 'prove') return { ...visit, isProving: true }
      if (answer.kind === 'not-now' && answer.light.state === 'unknown') return over('not-known')
      if (answer.kind !== 'visiting') return over(answer.kind)
      const { visit: view, secret } = answer
      return standing({ id: view.id, secret, isLeaving: false }, view, sentAt)
    }
    case 'view':
      return isVisit(visit, event.view.id) ? standing(visit, event.view, event.sentAt) : visit
    case 'refused':
      if (visit.kind !== 'asking' || visit.key !== event.key) return visit
      return event.retryAfter === null ? over('failed') : over('too-many', event.retryAfter)
    case 'no-place':
      if (visit.kind !== 'asking' || visit.key !== event.key) return visit
      return over('gone')
    case 'hung-up':
      if (visit.kind === 'asking') return over('hung-up')
      return visit.kind === 'waiting' ? { ...visit, isLeaving: true } : visit
    case 'unheard':
      return isVisit(visit, event.id) && visit.isLeaving ? over('hung-up') : visit
    case 'gone':
      return isVisit(visit, event.id) ? over('gone') : visit
    case 'back':
      return visit.kind === 'answered' ? noVisit : visit
  }
}

const withoutMessage: readonly VisitOutcome[] = ['cancelled', 'hung-up', 'gone', 'blocked']

/** Whether a call came to nothing so that the visitor may want to leave a message instead. */
export const hasFailed = (visit: Visit): boolean =>
  visit.kind === 'over' && !withoutMessage.includes(visit.outcome)

/** Whether the place takes nothing from where this visitor is: no message either. */
export const isBlocked = (visit: Visit): boolean => visit.kind === 'over' && visit.outcome === 'blocked'

/** Whether it is this visit that waits, and no other that came after it. */
export const isVisit = (visit: Visit, id: string): visit is Visit & { kind: 'waiting' } =>
  visit.kind === 'waiting' && visit.id === id

const over = (outcome: VisitOutcome, retryAfter = 0): Visit => ({ kind: 'over', outcome, retryAfter })

function standing(
  { id, secret, isLeaving }: { readonly id: string; readonly secret: string; readonly isLeaving: boolean },
  view: VisitView,
  sentAt: number,
): Visit {
  if (view.state === 'answered') {
    // Nobody is taken into a call that they have ended.
    if (isLeaving) return over('hung-up')
    return view.room === null ? over('failed') : { kind: 'answered', room: view.room }
  }
  if (view.state !== 'queued' && view.state !== 'calling') return over(view.state)
  return { kind: 'waiting', id, secret, view, isLeaving, heldUntil: sentAt + placeTiming.leaseFor }
}

/** Whether what was said last of a visit that waits may still be shown: after that nobody may answer it. */
export const isHeld = ({ heldUntil }: Visit & { kind: 'waiting' }, now: number): boolean => heldUntil > now
