import { placeTiming, type VisitAnswer, type VisitState, type VisitView } from '../../protocol/place.ts'

/** What became of pressing Call, where it is over. */
export type VisitOutcome =
  | Exclude<VisitState, 'queued' | 'calling' | 'answered'>
  | Exclude<VisitAnswer['kind'], 'visiting' | 'prove'>
  | 'too-many'
  | 'failed'

/** A visitor's call, as this page has it. Times are ms of one clock. */
export type Visit =
  | { readonly kind: 'none' }
  /** Call was pressed, and nothing is known yet. */
  | { readonly kind: 'asking'; readonly isProving: boolean }
  | {
      readonly kind: 'waiting'
      readonly id: string
      readonly secret: string
      readonly view: VisitView
      /** Until when the server is known to believe that this page is here, and what it said to be so. */
      readonly heldUntil: number
    }
  | { readonly kind: 'answered'; readonly room: string }
  | {
      readonly kind: 'over'
      readonly outcome: VisitOutcome
      /** With `too-many`: how many seconds to wait. */
      readonly retryAfter: number
    }

export type VisitEvent =
  | { readonly kind: 'pressed' }
  /** `sentAt` is when what is answered was asked. */
  | { readonly kind: 'answer'; readonly answer: VisitAnswer; readonly sentAt: number }
  | { readonly kind: 'view'; readonly view: VisitView; readonly sentAt: number }
  | { readonly kind: 'refused'; readonly retryAfter: number | null }
  /** The visit is not there any more, whatever it was. */
  | { readonly kind: 'gone' }

export const noVisit: Visit = { kind: 'none' }

/** The first end stays: what comes after it changes nothing. */
export function reduceVisit(visit: Visit, event: VisitEvent): Visit {
  switch (event.kind) {
    case 'pressed':
      return visit.kind === 'none' || visit.kind === 'over' ? { kind: 'asking', isProving: false } : visit
    case 'answer': {
      if (visit.kind !== 'asking') return visit
      const { answer, sentAt } = event
      if (answer.kind === 'prove') return { ...visit, isProving: true }
      if (answer.kind !== 'visiting') return over(answer.kind)
      const { visit: view, secret } = answer
      return standing({ id: view.id, secret }, view, sentAt)
    }
    case 'view':
      return visit.kind === 'waiting' ? standing(visit, event.view, event.sentAt) : visit
    case 'refused':
      if (visit.kind !== 'asking') return visit
      return event.retryAfter === null ? over('failed') : over('too-many', event.retryAfter)
    case 'gone':
      return visit.kind === 'waiting' ? over('left') : visit
  }
}

const over = (outcome: VisitOutcome, retryAfter = 0): Visit => ({ kind: 'over', outcome, retryAfter })

function standing(
  { id, secret }: { readonly id: string; readonly secret: string },
  view: VisitView,
  sentAt: number,
): Visit {
  if (view.state === 'answered')
    return view.room === null ? over('failed') : { kind: 'answered', room: view.room }
  if (view.state !== 'queued' && view.state !== 'calling') return over(view.state)
  return { kind: 'waiting', id, secret, view, heldUntil: sentAt + placeTiming.leaseFor }
}

/** Whether what was said last of a visit that waits may still be shown: after that nobody may answer it. */
export const isHeld = ({ heldUntil }: Visit & { kind: 'waiting' }, now: number): boolean => heldUntil > now
