import * as v from 'valibot'
import {
  type PlaceLight,
  placeLight,
  placeTiming,
  type VisitAnswer,
  type VisitView,
  visitAnswer,
  visitView,
} from '../../protocol/place.ts'

/** What was asked is not done, as the server says, or something between it and this page. */
export class NotDone extends Error {
  override readonly name = 'NotDone'
  readonly status: number
  /** Seconds; null where it says none. */
  readonly retryAfter: number | null
  /** The server's own word for it; null where it is not the server that says so. */
  readonly refusal: string | null

  constructor({ status, headers }: Response, refusal: string | null) {
    super(`status ${status}`)
    this.status = status
    this.refusal = refusal
    const seconds = headers.get('retry-after')
    this.retryAfter = seconds !== null && /^\d+$/.test(seconds) ? Number(seconds) : null
  }
}

/** Nobody asks again later than this, in ms: who has a visit has it for six seconds. */
const longestPause = 2_000

/**
 * How long to wait until it is asked again, in ms: as the server says, and not for all pages alike.
 *
 * @param random in [0, 1).
 */
export function pauseAfter(error: unknown, random: number): number {
  const said = error instanceof NotDone ? (error.retryAfter ?? 0) * 1_000 : 0
  return Math.max(placeTiming.againAfter, Math.min(longestPause, said)) * (1 + random / 2)
}

const refusalShape = v.object({ error: v.string() })

async function notDone(response: Response): Promise<NotDone> {
  const said = v.safeParse(refusalShape, await response.json().catch(() => undefined))
  return new NotDone(response, said.success ? said.output.error : null)
}

/** The server says that there is no such thing: no page of a proxy does, or of whatever else is at its address meanwhile. */
export const isGone = (error: unknown): boolean =>
  error instanceof NotDone && error.status === 404 && error.refusal === 'not-found'

/**
 * What a press of Call that was not answered comes to. `refused`: nothing was done, and it is over. `unsure`: there may be a
 * visit, so that the page asks on.
 *
 * @param isUnsure whether there may be one by an asking before: then one that was refused says nothing of that.
 */
export function meaningOf(error: unknown, isUnsure: boolean): 'gone' | 'refused' | 'unsure' {
  if (isGone(error)) return 'gone'
  const isRefusal = error instanceof NotDone && error.status < 500 && error.status !== 404
  return isRefusal && !(isUnsure && error.status === 429) ? 'refused' : 'unsure'
}

const { answerWithin, waitWithin, visitWithin } = placeTiming
const endWithin = 1_500

const json = { 'content-type': 'application/json' }

async function ask<Shape extends v.GenericSchema>(
  path: string,
  shape: Shape,
  within: number,
  body?: unknown,
): Promise<v.InferOutput<Shape>> {
  const response = await fetch(path, {
    // No cookie of anybody goes with it.
    credentials: 'omit',
    cache: 'no-store',
    signal: AbortSignal.timeout(within),
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body), headers: json }),
  })
  if (!response.ok) throw await notDone(response)
  return v.parse(shape, await response.json())
}

const at = (slug: string) => `/api/places/${slug}`

export const askLight = (slug: string): Promise<PlaceLight> => ask(at(slug), placeLight, answerWithin)

export const askToVisit = (
  slug: string,
  visit: { readonly name: string; readonly key: string; readonly proof?: string | undefined },
): Promise<VisitAnswer> => ask(`${at(slug)}/visits`, visitAnswer, visitWithin, visit)

export const waitForNews = (id: string, secret: string, seen: string | null): Promise<VisitView> =>
  ask(`/api/visits/${id}/wait`, visitView, waitWithin, { secret, seen })

/** Hang up was pressed: should a member answer at that moment, the room is over too. */
export const hangUpVisit = (id: string, secret: string): Promise<VisitView> =>
  ask(`/api/visits/${id}/end`, visitView, endWithin, { secret, hungUp: true })

/**
 * As the page goes: nobody is there for the answer.
 *
 * @param hungUp whether Hang up was pressed. A page that goes without that may come back, and be taken to the room.
 */
export function endVisitLeaving(id: string, secret: string, hungUp: boolean): void {
  fetch(`/api/visits/${id}/end`, {
    method: 'POST',
    keepalive: true,
    credentials: 'omit',
    body: JSON.stringify({ secret, hungUp }),
    headers: json,
  }).catch(() => {})
}
