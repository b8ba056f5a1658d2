import { clinicThread } from '../../protocol/people.ts'
import { hashOf } from '../accounts/secrets.ts'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../clock.ts'
import type { PlaceRow } from '../database/place-tables.ts'
import type { Database } from '../database/tables.ts'
import { languageFor } from '../locales/language.ts'
import { localeIn } from '../locales/locale.ts'
import { writeMessage } from '../messages/write-message.ts'
import { type Appended, appendEvents, type ChangeOf, publishEvents } from '../people/account-events.ts'
import { inAccountTurns } from '../people/account-turns.ts'
import { isBlocked, isShut, readMembers, readPlace } from './place-rows.ts'

/** What a visitor leaves, as they typed it. */
export interface LeftMessage {
  readonly name: string
  /** How they can be answered. */
  readonly wayBack: string
  readonly text: string
  /** The form's own id: what is sent by it again as it was is delivered once, and what was changed is another message. */
  readonly key: string
}

export interface LeftMessageDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly bus: Pick<Bus, 'publish'>
}

/** `delivered`: to so many members. Else it is with nobody: the place is there no more, or takes none, or none from there. */
export type Delivery =
  | { readonly kind: 'delivered'; readonly members: number }
  | { readonly kind: 'gone' | 'shut' | 'blocked' }

interface Taken {
  readonly delivery: Delivery
  /** What members' devices are to be told. */
  readonly appended?: Appended
}

/**
 * Delivers what a visitor left: it is in the thread with the clinic of every member once this resolves, or of none, and who
 * does not read it is mailed as of any message. It says of itself that a visitor wrote it, whom nobody has checked, and each
 * line of theirs is marked, so that none looks like the clinic's own. Who are members, and whether the place takes it, is
 * read with what is written: it may be otherwise than when the visitor pressed the button.
 *
 * @param address keyed hash of where the visitor comes from.
 */
export async function deliverLeft(
  { db, clock, bus }: LeftMessageDependencies,
  { placeId, address }: { readonly placeId: string; readonly address: string },
  message: LeftMessage,
): Promise<Delivery> {
  const now = clock.wall()
  const ids = (await readMembers(db, placeId)).map(({ id }) => id)
  const { delivery, appended } = await inAccountTurns(db, ids, async (trx): Promise<Taken> => {
    const place = await readPlace(trx, placeId)
    if (!place) return { delivery: { kind: 'gone' } }
    const members = await readMembers(trx, placeId)
    const why = isShut(place, members) ? 'shut' : (await isBlocked(trx, placeId, address)) ? 'blocked' : null
    if (why !== null) return { delivery: (await deliveredBefore(trx, placeId, message)) ?? { kind: why } }
    const changes: ChangeOf[] = []
    for (const { id: to, language } of members) {
      const key = keyOf(placeId, message, to)
      const text = textFor(language, place, message)
      const written = await writeMessage(trx, { from: clinicThread, to, key, text }, now)
      changes.push(...written.changes)
    }
    const appended = await appendEvents(trx, changes, now)
    return { delivery: { kind: 'delivered', members: members.length }, appended }
  })
  if (appended) publishEvents(bus, appended)
  return delivery
}

/**
 * What became of a message by an asking whose answer was lost, say: it is with members also once their place takes none, or
 * none from there, and whoever sends it again is told so.
 *
 * @returns null where none of those who are members now has it.
 */
export async function deliveredBefore(
  db: Database,
  placeId: string,
  message: LeftMessage,
): Promise<Extract<Delivery, { readonly kind: 'delivered' }> | null> {
  const keys = (await readMembers(db, placeId)).map(({ id }) => keyOf(placeId, message, id))
  if (keys.length === 0) return null
  const { members } = await db
    .selectFrom('message')
    .select((e) => e.fn.countAll().as('members'))
    .where('from', '=', clinicThread)
    .where('key', 'in', keys)
    .executeTakeFirstOrThrow()
  return Number(members) > 0 ? { kind: 'delivered', members: Number(members) } : null
}

/** What makes one message of it for one member, however often it is sent as it is. */
function keyOf(placeId: string, { name, wayBack, text, key }: LeftMessage, to: string): string {
  return `place ${placeId} ${key} ${hashOf(JSON.stringify([name, wayBack, text]))} ${to}`
}

/** As whoever reads it sees them, whatever ends them. */
export const linesOf = (text: string): string[] => text.split(/\r\n|[\r\n\v\f\u0085\u2028\u2029]/)

/** No longer than any message may be, whatever a visitor may leave. */
function textFor(language: string | null, { name: place }: PlaceRow, { name, wayBack, text }: LeftMessage) {
  const { left } = localeIn(languageFor(language)).texts.places
  const quoted = linesOf(text).map((line) => `> ${line}`)
  return [left.heading(place), left.from(name), left.wayBack(wayBack), '', ...quoted].join('\n')
}
