import * as v from 'valibot'
import { ringFor } from '../../protocol/timing.ts'
import { isWebAddress, type ReadFrom, wholeNumber } from '../environment.ts'
import type { CallRates } from './call-rate-limit.ts'

const mailRule = 'MISSED_MAIL_AFTER must be a whole number of seconds from 0 to 86400.'
const keepRule = 'CALL_DAYS must be a whole number of days from 1 to 4000.'
const rateRule = (name: string) => `${name} must be a whole number of calls from 1 to 60000.`
const ringRule = 'RING_FOR must be a whole number of seconds from 1 to 600.'

export const callEnvironment = {
  CALLS_PER_MINUTE: v.optional(wholeNumber(1, 60_000, rateRule('CALLS_PER_MINUTE')), '600'),
  CALLS_PER_MINUTE_TO_ONE: v.optional(wholeNumber(1, 60_000, rateRule('CALLS_PER_MINUTE_TO_ONE')), '12'),
  RING_FOR: v.optional(wholeNumber(1, 600, ringRule), String(ringFor / 1_000)),
  ROOM_URL: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.check(
        (text) => text.includes('{room}') && isWebAddress(text.replaceAll('{room}', 'room')),
        'ROOM_URL must be a web address with {room} in it: https://meet.example/{room}.',
      ),
      v.maxLength(1_500, 'ROOM_URL must not be longer than 1500 characters.'),
    ),
  ),
  MISSED_MAIL_AFTER: v.optional(wholeNumber(0, 86_400, mailRule), '600'),
  CALL_DAYS: v.optional(wholeNumber(1, 4_000, keepRule), '400'),
}

export interface CallConfig {
  readonly callRates: CallRates
  /** Milliseconds. */
  readonly ringFor: number
  /** With `{room}` where the room's token goes; by default the server's own page. */
  readonly roomUrl?: string | undefined
  /** Milliseconds that missed calls wait for each other before they are mailed. */
  readonly missedMailAfter: number
  /** Milliseconds for which a call that is over is kept. */
  readonly callsKeptFor: number
}

export const callConfig = (environment: ReadFrom<typeof callEnvironment>): CallConfig => ({
  callRates: {
    perMinute: environment.CALLS_PER_MINUTE,
    perMinuteToOne: environment.CALLS_PER_MINUTE_TO_ONE,
  },
  ringFor: environment.RING_FOR * 1_000,
  roomUrl: environment.ROOM_URL,
  missedMailAfter: environment.MISSED_MAIL_AFTER * 1_000,
  callsKeptFor: environment.CALL_DAYS * 86_400_000,
})

/** What the operator should know of calls that are answered; undefined where people have a room to meet in. */
export function roomWarning({ roomUrl }: CallConfig): string | undefined {
  if (roomUrl !== undefined) return undefined
  return 'ROOM_URL is not set: an answered call opens a page of this server on which nobody can talk. Set it to where people meet, such as https://meet.example/{room}.'
}

/** Where the room with this token is; `publicUrl` is known once the server listens. */
export const roomAddresses =
  ({ roomUrl }: CallConfig, publicUrl: () => string) =>
  (room: string): string =>
    (roomUrl ?? `${publicUrl()}/rooms/{room}`).replaceAll('{room}', room)
