import * as v from 'valibot'
import {
  endVisitRequest,
  type PlaceLight,
  placeLight,
  slug as slugShape,
  type VisitAnswer,
  visitAnswer,
  visitRequest,
  visitView,
  waitRequest,
} from '../../protocol/place.ts'
import type { Database } from '../database/tables.ts'
import type { ClientOf } from '../http/client-address.ts'
import { readBody } from '../http/json-body.ts'
import { Refused } from '../http/refused.ts'
import type { Context, Route } from '../http/route.ts'
import { textParameter } from '../http/text-parameter.ts'
import type { PlaceCounts } from './place-counts.ts'
import type { PlaceLights, SeenPlace } from './place-lights.ts'
import { findPlace, isBlocked } from './place-rows.ts'
import { doCounted, type VisitorLimits } from './visitor-limits.ts'
import type { Visits } from './visits.ts'
import type { WorkProofs } from './work-proofs.ts'

export interface PlaceDependencies {
  readonly db: Database
  readonly clientOf: ClientOf
  readonly lights: PlaceLights
  readonly visits: Visits
  readonly limits: VisitorLimits
  readonly work: WorkProofs
  readonly counts: PlaceCounts
  /** Whether browsers give camera and microphone where an answered call leads. */
  readonly canTalk: () => boolean
  /** Ends every asking that waits. */
  readonly stopping: AbortSignal
}

const slugParameter = {
  slug: { in: 'path', about: 'The place, as its address has it.', schema: slugShape },
} as const
const visitParameter = { id: { in: 'path', about: 'The visit.', schema: textParameter } } as const

/** Whoever looks at a place, wherever they are: it is public, and nothing of it says who asks. */
export const readableByAll = (context: Context): void => {
  context.header('Access-Control-Allow-Origin', '*')
  context.header('Cross-Origin-Resource-Policy', 'cross-origin')
}

type Looking = Pick<PlaceDependencies, 'clientOf' | 'lights' | 'limits' | 'counts'>

/** @throws Refused for who looks too often, and for a place that is none. */
export async function lookedAt(dependencies: Looking, context: Context): Promise<SeenPlace> {
  const wait = dependencies.limits.look(dependencies.clientOf(context.env.incoming).address)
  if (wait > 0) throw tooOften(wait)
  return find(dependencies, context)
}

/** @returns undefined where the address has none that could be one. */
export const slugOf = (context: Context): string | undefined => {
  const named = v.safeParse(slugShape, context.req.param('slug'))
  return named.success ? named.output : undefined
}

export const noSuchPlace = () => new Refused('not-found', 'There is no such place.')

/** @throws Refused for a place that is none. */
async function find({ lights, counts }: Looking, context: Context): Promise<SeenPlace> {
  const slug = slugOf(context)
  const seen = slug === undefined ? undefined : await lights.find(slug)
  if (!seen) throw noSuchPlace()
  counts.looked(seen.light.state)
  return seen
}

/** Whether a place can be reached now, and the calls of its visitors. Nobody shows who they are. */
export function placeRoutes(dependencies: PlaceDependencies): Route[] {
  const { db, clientOf, visits, limits, work, counts, canTalk, stopping } = dependencies

  /** @throws Refused for whoever is not the visitor of this visit. */
  const visitorOf = (context: Context, secret: string): string => {
    const id = context.req.param('id') ?? ''
    const isVisitor = visits.isVisitor(id, secret)
    // Who is known by their visit is limited by it: many others may be at the same address, and must not end it.
    const wait = isVisitor ? limits.follow(id) : limits.look(clientOf(context.env.incoming).address)
    if (wait > 0) throw tooOften(wait)
    if (isVisitor) return id
    throw new Refused('not-found', 'There is no such visit.')
  }

  /** The visit that this key has made, for whom a limit keeps from looking: only its answer may have been lost. */
  const madeBefore = async (context: Context, address: string, key: string) => {
    const slug = slugOf(context)
    if (slug === undefined || limits.again(address) > 0) return undefined
    const place = await findPlace(db, slug)
    return place && visits.again(place.id, key)
  }

  const visit = async (context: Context): Promise<VisitAnswer> => {
    const { name, key, proof } = await readBody(context, visitRequest)
    const { address } = clientOf(context.env.incoming)
    const looksIn = limits.look(address)
    if (looksIn > 0) {
      const made = await madeBefore(context, address, key)
      if (made) return made
      throw tooOften(looksIn)
    }
    const seen = await find(dependencies, context)
    const { place } = seen
    if (!canTalk()) return { kind: 'no-room' }
    const networks = limits.networksOf(address)
    if (await isBlocked(db, place.id, networks.address)) return { kind: 'blocked' }
    // A visit that there is rings, whatever a limit says of asking for it again: only its answer was lost.
    const before = await visits.again(place.id, key)
    if (before) return before
    // By their address first: whoever asks too often must not have all others show work.
    const poured = await limits.visit(address)
    if (poured.wait > 0) throw tooManyCalls(poured.wait)
    const begun = await doCounted(poured, async () => {
      const isProven = proof !== undefined && (await work.accept(place.id, proof))
      if (isProven || !limits.isLoaded(place.id)) return visits.begin(seen, { name, key, networks })
      const challenge = await work.challenge(place.id)
      await poured.takeBack()
      return { kind: 'prove', challenge } as const
    })
    if (begun.kind === 'too-many') throw tooManyCalls(begun.wait)
    return begun
  }

  return [
    {
      method: 'GET',
      path: '/api/places/:slug',
      admits: 'anyone',
      describes: {
        summary: 'Whether a place can be reached now',
        about:
          'Public, for any page or program. It is so for validFor milliseconds from when you asked: ask again before that, or say nothing of it.',
        parameters: slugParameter,
        answers: { 200: { about: 'As it is now.', schema: placeLight } },
        refuses: ['not-found', 'too-many-attempts', 'storage', 'busy'],
      },
      async handle(context) {
        readableByAll(context)
        const { light } = await lookedAt(dependencies, context)
        return context.json(light satisfies PlaceLight)
      },
    },
    {
      method: 'POST',
      path: '/api/places/:slug/visits',
      admits: 'anyone',
      describes: {
        summary: 'Call a place as a visitor',
        about:
          'What the page of the place does. Whether it can be reached is proven again before anything rings. Whoever waits says so each two seconds; a visitor of whom nothing is heard for six is gone.',
        parameters: slugParameter,
        body: { schema: visitRequest },
        answers: { 200: { about: 'What comes of it.', schema: visitAnswer } },
        refuses: ['bad-request', 'not-found', 'too-large', 'too-many-attempts', 'storage', 'busy'],
      },
      async handle(context) {
        const answer = await visit(context)
        counts.answered(answer.kind)
        return context.json(answer)
      },
    },
    {
      method: 'POST',
      path: '/api/visits/:id/wait',
      admits: 'anyone',
      describes: {
        summary: 'Wait for what becomes of a visit',
        about: 'Answered as soon as it stands otherwise than seen, and after two seconds in any case.',
        parameters: visitParameter,
        body: { schema: waitRequest },
        answers: { 200: { about: 'How it stands.', schema: visitView } },
        refuses: ['bad-request', 'not-found', 'too-large', 'too-many-attempts', 'storage', 'busy'],
      },
      async handle(context) {
        const { secret, seen } = await readBody(context, waitRequest)
        const id = visitorOf(context, secret)
        const view = await visits.wait(id, seen, AbortSignal.any([stopping, goneSignal(context)]))
        if (!view) throw new Refused('not-found', 'There is no such visit.')
        return context.json(view)
      },
    },
    {
      method: 'POST',
      path: '/api/visits/:id/end',
      admits: 'anyone',
      describes: {
        summary: 'Hang up as a visitor',
        about:
          'With hungUp, as of a press of Hang up, the room of a visit that was answered meanwhile is over too. Without it, as of a page that is closed, an answered visit stays as it is.',
        parameters: visitParameter,
        body: { schema: endVisitRequest },
        answers: { 200: { about: 'How it ended, by this or before.', schema: visitView } },
        refuses: ['bad-request', 'not-found', 'too-large', 'too-many-attempts', 'storage', 'busy'],
      },
      async handle(context) {
        const { secret, hungUp = false } = await readBody(context, endVisitRequest)
        const view = await visits.end(visitorOf(context, secret), hungUp)
        if (!view) throw new Refused('not-found', 'There is no such visit.')
        return context.json(view)
      },
    },
  ]
}

const tooOften = (wait: number) => Refused.tooMany('This was asked for too often from where you are.', wait)

const tooManyCalls = (wait: number) => Refused.tooMany('Too many calls were placed from where you are.', wait)

/** Whoever asked has gone. */
function goneSignal({ env: { outgoing } }: Context): AbortSignal {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  return gone.signal
}
