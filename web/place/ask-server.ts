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

/** The server does not do what was asked. */
export class NotDone extends Error {
  override readonly name = 'NotDone'
  readonly status: number
  /** Seconds; null where it says none. */
  readonly retryAfter: number | null

  constructor({ status, headers }: Response) {
    super(`status ${status}`)
    this.status = status
    const seconds = headers.get('retry-after')
    this.retryAfter = status === 429 && seconds !== null ? Number(seconds) : null
  }
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
  if (!response.ok) throw new NotDone(response)
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

export const endVisit = (id: string, secret: string): Promise<VisitView> =>
  ask(`/api/visits/${id}/end`, visitView, endWithin, { secret })

/** The same as the page goes: nobody is there for the answer. */
export function endVisitLeaving(id: string, secret: string): void {
  fetch(`/api/visits/${id}/end`, {
    method: 'POST',
    keepalive: true,
    credentials: 'omit',
    body: JSON.stringify({ secret }),
    headers: json,
  }).catch(() => {})
}
