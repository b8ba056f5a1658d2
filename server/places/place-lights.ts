import type { PlaceLight } from '../../protocol/place.ts'
import type { PersonPresence } from '../../protocol/programs.ts'
import type { Clock } from '../clock.ts'
import type { PlaceRow } from '../database/place-tables.ts'
import type { Database } from '../database/tables.ts'
import { gathered } from '../gathered.ts'
import { lightOf } from './light-rule.ts'
import { isOpenAt, opensAt, parseHours, staysFor } from './opening-hours.ts'
import { findPlace, isShut, readMembers, readPlace } from './place-rows.ts'
import { answeringMembers, countVisits } from './visit-rows.ts'

const inCall: PersonPresence = { state: 'in-call', validFor: null, until: null }

/** No light lasts longer than until its hours may be others, looked at so far ahead, in ms. */
const looksAhead = 60_000

export interface PlaceLightDependencies {
  readonly db: Database
  readonly clock: Clock
  /** What a contact of a person is shown now. */
  readonly presenceOf: (userId: string) => Promise<PersonPresence>
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
export function openPlaceLights({ db, clock, presenceOf }: PlaceLightDependencies): PlaceLights {
  const look = async (placeId: string): Promise<SeenPlace | undefined> => {
    const place = await readPlace(db, placeId)
    if (!place) return undefined
    const members = await readMembers(db, placeId)
    const shut = isShut(place, members)
    // Whoever has not agreed is not looked at.
    const asked = await Promise.all(
      shut ? [] : members.map(async ({ id }) => ({ id, presence: await presenceOf(id) })),
    )
    const at = clock.wall()
    const answering = await answeringMembers(db, placeId, at)
    const seen = asked.map(({ id, presence }) => ({
      id,
      presence: presence.state === 'available' && answering.has(id) ? inCall : presence,
    }))
    const counts = await countVisits(db, placeId, at)
    const hours = parseHours(place.hours)
    const { timeZone, slug, name } = place
    const isOpen = isOpenAt(hours, timeZone, at)
    const facts = {
      ...{ isShut: shut, isOpen, members: seen.map(({ presence }) => presence), ...counts },
      staysFor: staysFor(hours, timeZone, { at, most: looksAhead }),
      opensAt: opensAt(hours, timeZone, at),
    }
    return {
      place,
      light: { slug, name, ...lightOf(facts), at },
      available:
        shut || !isOpen
          ? []
          : seen.flatMap(({ id, presence }) => (presence.state === 'available' ? [id] : [])),
    }
  }

  const lookAtAll = gathered(async (placeIds) => {
    const found = await Promise.all(placeIds.map(async (id) => [id, await look(id)] as const))
    return new Map(found.flatMap(([id, seen]) => (seen ? [[id, seen] as const] : [])))
  })

  return {
    look: lookAtAll,
    async find(slug) {
      const place = await findPlace(db, slug)
      return place && lookAtAll(place.id)
    },
  }
}
