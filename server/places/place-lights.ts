import { setTimeout as delay } from 'node:timers/promises'
import type { PlaceLight } from '../../protocol/place.ts'
import type { PersonPresence } from '../../protocol/programs.ts'
import { rungFully } from '../calls/call-rows.ts'
import type { Clock } from '../clock.ts'
import { isAmong } from '../database/is-among.ts'
import type { PlaceRow } from '../database/place-tables.ts'
import type { Database } from '../database/tables.ts'
import type { WriteProbe } from '../database/write-probe.ts'
import { gathered } from '../gathered.ts'
import { lightOf } from './light-rule.ts'
import { isOpenAt, opensAt, parseHours, staysFor } from './opening-hours.ts'
import { isShut, readMembers, readPlace } from './place-rows.ts'
import { answeringMembers, callerOf, countVisits } from './visit-rows.ts'
import type { VisitTime } from './visit-time.ts'

const unknown: PersonPresence = { state: 'unknown', validFor: null, until: null }
const inCall: PersonPresence = { state: 'in-call', validFor: null, until: null }

/** No light lasts longer than until its hours may be others, looked at so far ahead, in ms. */
const looksAhead = 60_000

/** Of one place it is found this often at most, in ms: whoever asks sooner waits for that, and is told what is so then. */
const pace = 100

export interface PlaceLightDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly time: VisitTime
  readonly writeProbe: Pick<WriteProbe, 'isWritable'>
  /** What a contact of a person is shown now. */
  readonly presenceOf: (userId: string) => Promise<PersonPresence>
  /** Whether browsers give camera and microphone where an answered call leads. */
  readonly canTalk: () => boolean
  /** Milliseconds; by default what keeps a crowd that looks from having the server look all the time. */
  readonly lookedAtMostEvery?: number | undefined
}

/** A place as it is at one moment. */
export interface SeenPlace {
  readonly place: PlaceRow
  readonly light: PlaceLight
  /** The members who can be rung now. */
  readonly available: readonly string[]
}

export interface PlaceLights {
  /** @returns undefined where there is no such place. */
  find(slug: string): Promise<SeenPlace | undefined>
  /** The same by its id. */
  look(placeId: string): Promise<SeenPlace | undefined>
}

/** Whether one of a place's members can be reached now. Of one place it is found for all together who ask at one moment. */
export function openPlaceLights({
  db,
  clock,
  time,
  writeProbe,
  presenceOf,
  canTalk,
  lookedAtMostEvery = pace,
}: PlaceLightDependencies): PlaceLights {
  const look = async (placeId: string): Promise<SeenPlace | undefined> => {
    const place = await readPlace(db, placeId)
    if (!place) return undefined
    const began = clock.monotonic()
    const members = await readMembers(db, placeId)
    const shut = isShut(place, members)
    const hasRoom = canTalk()
    // Whoever has not agreed is not looked at.
    const asked = await Promise.all(
      shut || !hasRoom ? [] : members.map(async ({ id }) => ({ id, presence: await presenceOf(id) })),
    )
    // While nothing can be written down no call can be placed, and nothing is claimed of anybody; a message waits for its form.
    const now = await time.now().catch(() => undefined)
    const at = now ?? clock.wall()
    const canWrite = now !== undefined && (await writeProbe.isWritable())
    const told = !canWrite ? asked.map(({ id }) => ({ id, presence: unknown })) : asked
    const available = told.flatMap(({ id, presence }) => (presence.state === 'available' ? [id] : []))
    const answering = await answeringMembers(db, placeId, at)
    const full = await rungFully(db, available, callerOf(placeId))
    const seen = told.map(({ id, presence }) => ({
      id,
      presence: presence.state === 'available' && (answering.has(id) || full.has(id)) ? inCall : presence,
    }))
    const counts = await countVisits(db, placeId, at)
    const hours = parseHours(place.hours)
    const { timeZone, slug, name } = place
    const isOpen = isOpenAt(hours, timeZone, at)
    const facts = {
      ...{ isShut: shut, canTalk: hasRoom, isOpen, members: seen.map(({ presence }) => presence), ...counts },
      staysFor: staysFor(hours, timeZone, { at, most: looksAhead }),
      opensAt: opensAt(hours, timeZone, at),
    }
    const light = lightOf(facts)
    // While others were waited for, what was known first grew older.
    const validFor = Math.max(0, Math.floor(light.validFor - (clock.monotonic() - began)))
    return {
      place,
      light: { slug, name, ...light, validFor, at },
      available:
        shut || !hasRoom || !isOpen
          ? []
          : seen.flatMap(({ id, presence }) => (presence.state === 'available' ? [id] : [])),
    }
  }

  /** By place: those who ask together. One that takes its time keeps nobody else waiting. */
  const together = new Map<string, (placeId: string) => Promise<SeenPlace | undefined>>()
  const lookTogether = (placeId: string): Promise<SeenPlace | undefined> => {
    let lookedAt = Number.NEGATIVE_INFINITY
    const asked =
      together.get(placeId) ??
      gathered(async ([id = '']) => {
        const wait = lookedAt + lookedAtMostEvery - performance.now()
        if (wait > 0) await delay(wait)
        lookedAt = performance.now()
        const seen = await look(id)
        return new Map(seen ? [[id, seen] as const] : [])
      })
    together.set(placeId, asked)
    return asked(placeId)
  }

  const idOf = gathered(async (slugs) => {
    const rows = await db
      .selectFrom('place')
      .select(['id', 'slug'])
      .where(isAmong(db, 'place.slug', slugs))
      .execute()
    return new Map(rows.map(({ id, slug }) => [slug, id]))
  })

  return {
    look: lookTogether,
    async find(slug) {
      const id = await idOf(slug)
      return id === undefined ? undefined : lookTogether(id)
    },
  }
}
