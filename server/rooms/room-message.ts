import * as v from 'valibot'
import { roomSides, roomSignal, roomState } from '../../protocol/room.ts'
import { subjectWord } from '../bus/subject-word.ts'
import type { Json } from '../json.ts'

/** Where the nodes at which a room's two seats are hear of each other. */
export const roomSubject = (room: string): string => `room.${subjectWord(room)}`

const side = v.picklist(roomSides)

const roomMessage = v.variant('kind', [
  /** A seat is held, by this connection of this page, for `left` ms more. `asks` for the other side's to be told. */
  v.object({
    kind: v.literal('seat'),
    side,
    connection: v.number(),
    page: v.number(),
    state: roomState,
    left: v.number(),
    asks: v.boolean(),
  }),
  /** It is held no longer by this connection. */
  v.object({
    kind: v.literal('gone'),
    side,
    connection: v.number(),
    why: v.picklist(['left', 'silent']),
  }),
  v.object({ kind: v.literal('signal'), side, epoch: v.number(), signal: roomSignal }),
  /** The room is over: who hung up. */
  v.object({ kind: v.literal('ended'), by: side }),
  /** Whoever holds a seat answers with a `Holder`. */
  v.object({ kind: v.literal('who') }),
])

export type RoomMessage = v.InferOutput<typeof roomMessage>

/** What one seat says, and another hears. */
export type SeatMessage = Exclude<RoomMessage, { kind: 'who' }>

/** @throws ValiError when it is nothing that is said of a room. */
export const parseRoomMessage = (payload: Json): RoomMessage => v.parse(roomMessage, payload)

/** What is answered to `who`: which side's seat is held, and for how long the room is open yet, in ms, whoever sets a clock. */
const holder = v.object({ side, open: v.number() })

export type Holder = v.InferOutput<typeof holder>

/** @throws ValiError when it is no answer to `who`. */
export const parseHolder = (reply: Json): Holder => v.parse(holder, reply)
