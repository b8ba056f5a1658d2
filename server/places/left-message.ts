import { clinicThread } from '../../protocol/people.ts'
import { hashOf } from '../accounts/secrets.ts'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../clock.ts'
import type { PlaceRow } from '../database/place-tables.ts'
import type { Database } from '../database/tables.ts'
import { languageFor } from '../locales/language.ts'
import { localeIn } from '../locales/locale.ts'
import { writeMessage } from '../messages/write-message.ts'
import { appendEvents, type ChangeOf, publishEvents } from '../people/account-events.ts'
import { inAccountTurns } from '../people/account-turns.ts'
import { readMembers } from './place-rows.ts'

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

/**
 * Delivers what a visitor left: it is in the thread with the clinic of every member once this resolves, or of none, and who
 * does not read it is mailed as of any message. It says of itself that a visitor wrote it, whom nobody has checked, and each
 * line of theirs is marked, so that none looks like the clinic's own.
 *
 * @returns to how many members.
 */
export async function deliverLeft(
  { db, clock, bus }: LeftMessageDependencies,
  place: PlaceRow,
  message: LeftMessage,
): Promise<number> {
  const now = clock.wall()
  const members = await readMembers(db, place.id)
  const ids = members.map(({ id }) => id)
  const what = hashOf(JSON.stringify([message.name, message.wayBack, message.text]))
  const appended = await inAccountTurns(db, ids, async (trx) => {
    const changes: ChangeOf[] = []
    for (const { id: to, language } of members) {
      const key = `place ${place.id} ${message.key} ${what} ${to}`
      const text = textFor(language, place, message)
      const written = await writeMessage(trx, { from: clinicThread, to, key, text }, now)
      changes.push(...written.changes)
    }
    return appendEvents(trx, changes, now)
  })
  publishEvents(bus, appended)
  return members.length
}

/** As whoever reads it sees them, whatever ends them. */
export const linesOf = (text: string): string[] => text.split(/\r\n|[\r\n\v\f\u0085\u2028\u2029]/)

/** No longer than any message may be, whatever a visitor may leave. */
function textFor(language: string | null, { name: place }: PlaceRow, { name, wayBack, text }: LeftMessage) {
  const { left } = localeIn(languageFor(language)).texts.places
  const quoted = linesOf(text).map((line) => `> ${line}`)
  return [left.heading(place), left.from(name), left.wayBack(wayBack), '', ...quoted].join('\n')
}
