import { randomBytes } from 'node:crypto'
import { type RoomSide, roomSides, roomTiming } from '../../protocol/room.ts'
import { isKeyedHash, keyedHash, readSigned, sign } from '../accounts/secrets.ts'

const ticketPurpose = 'room ticket'
const seatPurpose = 'room seat'

/**
 * By what the two of a call come into its room, made of this installation's secret and of nothing that is kept. A
 * *ticket* is good for one side of one room, for a while, and once: that it was used is kept by its hash. A *seat* is what
 * whoever was let in comes back by, until the room ends.
 */
export interface RoomKeys {
  /** The ticket of an answered call: the same each time that it is asked for. @param answeredAt wall-clock ms. */
  firstTicket(room: string, side: RoomSide, answeredAt: number): string
  /** One more. @param now wall-clock ms. */
  freshTicket(room: string, side: RoomSide, now: number): string
  /**
   * @returns whose it is, and by what it is known again, however it is written; undefined for what is no ticket of this
   * room, or is too old.
   */
  readTicket(
    room: string,
    ticket: string,
    now: number,
  ): { readonly side: RoomSide; readonly name: string } | undefined
  seat(room: string, side: RoomSide): string
  sideOfSeat(room: string, seat: string): RoomSide | undefined
  /** By which a relay tells a seat's traffic from others': nobody is known by it. */
  relayName(room: string, side: RoomSide): string
}

export function createRoomKeys(secret: string): RoomKeys {
  const ticket = (room: string, side: RoomSide, from: number, nonce: string) =>
    sign(secret, ticketPurpose, `${side}-${(from + roomTiming.ticketFor).toString(36)}-${nonce}`, `${room} `)
  const seatText = (room: string, side: RoomSide) => `${room} ${side}`

  return {
    firstTicket: (room, side, answeredAt) => ticket(room, side, answeredAt, 'first'),
    freshTicket: (room, side, now) => ticket(room, side, now, randomBytes(12).toString('hex')),
    readTicket(room, given, now) {
      const text = readSigned(secret, ticketPurpose, given, `${room} `)
      const [of, until = ''] = text?.split('-') ?? []
      const side = roomSides.find((one) => one === of)
      if (!side || !(Number.parseInt(until, 36) > now)) return undefined
      return { side, name: `${room} ${text}` }
    },
    seat: (room, side) => keyedHash(secret, seatPurpose, seatText(room, side)),
    sideOfSeat: (room, given) =>
      roomSides.find((side) => isKeyedHash(secret, seatPurpose, seatText(room, side), given)),
    relayName: (room, side) => keyedHash(secret, 'room relay', seatText(room, side)).slice(0, 16),
  }
}
