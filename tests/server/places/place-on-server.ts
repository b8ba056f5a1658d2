import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { onTestFinished } from 'vitest'
import {
  type PlaceLight,
  placeLight,
  type VisitAnswer,
  type VisitView,
  visitAnswer,
  visitView,
} from '../../../protocol/place.ts'
import { insertPlace } from '../../../server/places/place-rows.ts'
import { post } from '../support/api-client.ts'
import type { TestServer } from '../support/in-process-server.ts'

interface NewPlace {
  readonly slug?: string
  readonly name?: string
  /** Their ids. */
  readonly members: readonly string[]
  /** Whether its only member has agreed. */
  readonly agreed?: boolean
}

/** Puts a place into a server's database. @returns its id. */
export async function addPlace(
  server: Pick<TestServer, 'db' | 'clock'>,
  { slug = 'desk', name = 'Front desk', members, agreed = true }: NewPlace,
): Promise<string> {
  const db = await server.db()
  const now = server.clock.wall()
  const place = await insertPlace(db, { slug, name, timeZone: 'UTC', members }, now)
  if (!place) throw new Error(`there is a place ${slug} already`)
  if (agreed)
    await db.updateTable('placeMember').set({ agreedAt: now }).where('placeId', '=', place.id).execute()
  return place.id
}

export type Visiting = Extract<VisitAnswer, { kind: 'visiting' }>

/** A visitor's page, without a browser; from an address of its own, of a server that trusts its proxy. */
export function visitorAt(server: Pick<TestServer, 'url'>, address = '203.0.113.7', slug = 'desk') {
  const from = { 'x-forwarded-for': address }
  const parsed = async <Shape extends v.GenericSchema>(
    response: Response,
    shape: Shape,
  ): Promise<v.InferOutput<Shape>> => {
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    return v.parse(shape, await response.json())
  }
  return {
    from,
    look: async (): Promise<PlaceLight> =>
      parsed(await fetch(`${server.url}/api/places/${slug}`, { headers: from }), placeLight),
    /** What is answered to a press of Call, whatever that is. */
    press: (body: object): Promise<Response> => post(server, `/api/places/${slug}/visits`, body, from),
    async call(name = 'Maria', key = randomBytes(16).toString('hex'), proof?: string): Promise<VisitAnswer> {
      return parsed(await this.press({ name, key, ...(proof !== undefined && { proof }) }), visitAnswer)
    },
    /** A call that begins. */
    async visit(name?: string, key?: string): Promise<Visiting> {
      const answer = await this.call(name, key)
      if (answer.kind !== 'visiting') throw new Error(`no visit was made: ${JSON.stringify(answer)}`)
      return answer
    },
    wait: async ({ secret, visit }: Visiting, seen: string | null = null): Promise<VisitView> =>
      parsed(await post(server, `/api/visits/${visit.id}/wait`, { secret, seen }, from), visitView),
    /** Asks on, as a page does, until it stands so. */
    async until(visiting: Visiting, isSo: (view: VisitView) => boolean, within = 8_000): Promise<VisitView> {
      const end = performance.now() + within
      let view = await this.wait(visiting)
      while (!isSo(view)) {
        if (performance.now() > end) throw new Error(`it stands as ${JSON.stringify(view)}`)
        view = await this.wait(visiting, view.standing)
      }
      return view
    },
    /** Asks on until the test, or what is returned, ends that: one page of a visit asks at a time. */
    stay(visiting: Visiting): () => void {
      let isHere = true
      const leave = () => {
        isHere = false
      }
      const ask = async () => {
        let view = await this.wait(visiting)
        while (isHere && !isOver(view)) view = await this.wait(visiting, view.standing)
      }
      ask().catch(() => {})
      onTestFinished(leave)
      return leave
    },
    /** The page goes. */
    end: async ({ secret, visit }: Visiting): Promise<VisitView> =>
      parsed(await post(server, `/api/visits/${visit.id}/end`, { secret }, from), visitView),
    /** Hang up is pressed. */
    hangUp: async ({ secret, visit }: Visiting): Promise<VisitView> =>
      parsed(await post(server, `/api/visits/${visit.id}/end`, { secret, hungUp: true }, from), visitView),
  }
}

export const isOver = ({ state }: VisitView): boolean => state !== 'queued' && state !== 'calling'
