import { type PlaceLight, placeTiming } from '../../protocol/place.ts'

/**
 * What this page knows of its place, as a value: the part that decides what is shown. Every time is a millisecond of one
 * clock, which goes on while the machine sleeps.
 */
export interface LightState {
  /** What was answered last, and until when it may be believed; null while nothing may. */
  readonly known: { readonly light: PlaceLight; readonly until: number } | null
  /** The number of the asking that is under way, and when it was sent; null while none is. */
  readonly asking: { readonly n: number; readonly sentAt: number } | null
  readonly asked: number
  readonly askAt: number
  /** Whether somebody can see the page: what nobody sees is not asked for, and nothing of it is kept. */
  readonly isSeen: boolean
  /** Why the last asking told nothing; null where it did. */
  readonly trouble: 'no-connection' | 'gone' | null
}

export type LightEvent =
  | { readonly kind: 'answered'; readonly n: number; readonly light: PlaceLight }
  | { readonly kind: 'failed'; readonly n: number }
  /** The server answers that there is no such place. */
  | { readonly kind: 'gone'; readonly n: number }
  /** The page is hidden, frozen or about to be kept for later. */
  | { readonly kind: 'hidden' }
  | { readonly kind: 'seen' }
  | { readonly kind: 'tick' }

/** After an asking that failed the next is sent no sooner than this, in ms. */
const againAfter = 1_000

/** @param loadedAt no later than when the page was asked for. */
export function beginLight(light: PlaceLight, loadedAt: number, isSeen: boolean): LightState {
  return {
    known: isSeen ? { light, until: loadedAt + light.validFor } : null,
    ...{ asking: null, asked: 0, isSeen, trouble: null },
    askAt: loadedAt + Math.min(placeTiming.askEvery, light.validFor / 2),
  }
}

/** @returns also the number by which the place is to be asked for now; null where it is not. */
export function reduceLight(
  before: LightState,
  event: LightEvent,
  now: number,
): readonly [LightState, number | null] {
  return askIfDue(expired(apply(before, event, now), now), now)
}

function apply(state: LightState, event: LightEvent, now: number): LightState {
  const { asking } = state
  switch (event.kind) {
    case 'tick':
      return state
    case 'hidden':
      return { ...state, known: null, asking: null, isSeen: false }
    case 'seen':
      return state.isSeen ? state : { ...state, known: null, asking: null, isSeen: true, askAt: now }
    case 'answered': {
      // An answer to what was asked before the page was hidden, or that came too late, is none.
      if (asking?.n !== event.n) return state
      const { light } = event
      // Asked for again in good time: what is good for a short while is over before the usual time has come.
      const askAt = asking.sentAt + Math.min(placeTiming.askEvery, Math.max(againAfter, light.validFor / 2))
      const known = { light, until: asking.sentAt + light.validFor }
      return { ...state, known, asking: null, trouble: null, askAt }
    }
    case 'failed':
      if (asking?.n !== event.n) return state
      return failed(state, 'no-connection', now)
    case 'gone':
      // Nothing that was so before is any more.
      return asking?.n === event.n ? failed({ ...state, known: null }, 'gone', now) : state
  }
}

const failed = (state: LightState, trouble: LightState['trouble'], now: number): LightState => ({
  ...state,
  ...{ trouble, asking: null, askAt: Math.max(state.askAt, now + againAfter) },
})

function expired(state: LightState, now: number): LightState {
  const { known, asking } = state
  const isLate = asking !== null && now - asking.sentAt >= placeTiming.answerWithin
  return {
    ...state,
    known: known && known.until > now ? known : null,
    asking: isLate ? null : asking,
    trouble: isLate ? 'no-connection' : state.trouble,
    // What is over is asked for at once.
    askAt: known && known.until <= now ? Math.min(state.askAt, now) : state.askAt,
  }
}

function askIfDue(state: LightState, now: number): readonly [LightState, number | null] {
  if (!state.isSeen || state.asking !== null || state.askAt > now) return [state, null]
  const n = state.asked + 1
  return [{ ...state, asked: n, asking: { n, sentAt: now }, askAt: now + placeTiming.askEvery }, n]
}

/** What is shown of the place. */
export type ShownLight =
  | { readonly kind: 'known'; readonly light: PlaceLight; readonly left: number }
  | { readonly kind: 'checking' | 'no-connection' | 'gone' }

export function shownLight({ known, trouble }: LightState, now: number): ShownLight {
  if (known && known.until > now) return { kind: 'known', light: known.light, left: known.until - now }
  return { kind: trouble ?? 'checking' }
}
