import type { RoomState } from '../../../protocol/room.ts'
import type { Seat } from '../../../server/rooms/seat-reducer.ts'

/** Milliseconds. */
export const leaseFor = 6_000

export const state: RoomState = { joined: true, muted: false, camera: false, sharing: false }

/** The caller’s, who has just come and joined, and knows of nobody. */
export const seat = (change: Partial<Seat> = {}): Seat => ({
  ...{ side: 'caller', connection: 1, pages: { own: 1, other: 1 }, state, until: leaseFor },
  ...{ other: null, newest: 0, isOver: false },
  ...change,
})
