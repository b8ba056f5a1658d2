import * as v from 'valibot'
import { isForExtension, isLoopback } from '../../protocol/loopback.ts'
import type { RoomSide } from '../../protocol/room.ts'
import { ringFor } from '../../protocol/timing.ts'
import type { CallRow } from '../database/call-tables.ts'
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

/** Where a server is reached from its own machine, too, and by which address else is not known. */
const isOpenToAll = (host: string) => host === '0.0.0.0' || host === '::'

type RoomSettings = Pick<CallConfig, 'roomUrl'> & {
  readonly publicUrl?: string | undefined
  /** Where the server listens: people come there where there is no `publicUrl`. */
  readonly host: string
}

/**
 * Whether people can speak in the room of an answered call. In one of ours only over https, or on the server's own
 * machine: elsewhere no browser gives a page camera and microphone. Known before the server listens.
 */
export function canRoom({ roomUrl, publicUrl, host }: RoomSettings): boolean {
  if (roomUrl !== undefined) return true
  if (publicUrl !== undefined) return isForExtension(publicUrl)
  return isLoopback(host) || isOpenToAll(host)
}

/** What the operator should know of calls that are answered; undefined where people can speak. */
export function roomWarning(settings: RoomSettings): string | undefined {
  if (canRoom(settings)) return undefined
  const { publicUrl, host } = settings
  const so =
    publicUrl === undefined ? `HOST is ${host} and PUBLIC_URL is not set` : `PUBLIC_URL is ${publicUrl}`
  return `${so}: over plain http no browser gives the room of a call camera or microphone, and whoever would call is told so. Put a TLS proxy before the server and set PUBLIC_URL to its https address, or set ROOM_URL to where people meet, such as https://meet.example/{room}.`
}

/** Where a side of an answered call is to go. */
export type RoomAddress = (call: Pick<CallRow, 'room' | 'endedAt'>, side: RoomSide) => string

/**
 * @param publicUrl is known once the server listens. @param ticketOf what opens a room of ours, once and for a while: in
 * the fragment, which no browser sends and no log has.
 */
export const roomAddresses =
  (
    { roomUrl }: Pick<CallConfig, 'roomUrl'>,
    publicUrl: () => string,
    ticketOf: (room: string, side: RoomSide, answeredAt: number) => string,
  ): RoomAddress =>
  ({ room, endedAt }, side) =>
    roomUrl?.replaceAll('{room}', room) ??
    `${publicUrl()}/rooms/${room}#t=${ticketOf(room, side, endedAt ?? 0)}`
