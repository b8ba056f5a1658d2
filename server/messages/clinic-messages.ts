import { clinicThread } from '../../protocol/people.ts'
import { appendEvents, publishEvents } from '../people/account-events.ts'
import type { MessageDependencies } from './message-requests.ts'
import { writeMessage } from './write-message.ts'

export interface ClinicMessage {
  /** The id of a person. Whether this sender may write to them is known before. */
  readonly to: string
  /** What the program has as its own id of the message, with what tells it from other programs. */
  readonly key: string
  /** At most `longestMessage` characters, and not empty. */
  readonly text: string
}

/** A message as the program that sent it has it. `at` in wall-clock ms. */
export interface SentByClinic {
  readonly id: string
  readonly at: number
  readonly text: string
  /** The key had made it before. */
  readonly isKnown: boolean
}

/** Sends a message of the clinic's system: it is in its person's thread with the clinic once this resolves. */
export async function sendFromClinic(
  { db, clock, bus }: MessageDependencies,
  message: ClinicMessage,
): Promise<SentByClinic> {
  const now = clock.wall()
  const { row, changes, appended } = await db.transaction().execute(async (trx) => {
    const written = await writeMessage(trx, { ...message, from: clinicThread }, now)
    return { ...written, appended: await appendEvents(trx, written.changes, now) }
  })
  publishEvents(bus, appended)
  const { id, at, text } = row
  return { id, at, text, isKnown: changes.length === 0 }
}
