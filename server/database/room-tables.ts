/** A room of ours that somebody has come to, by its call. */
export interface RoomTable {
  callId: string
  /** When one of the two hung up. */
  endedAt: number | null
}

/** Who has one of the two seats of a room, as of the last that came. */
export interface RoomSeatTable {
  callId: string
  side: 'caller' | 'callee'
  /** By which a page that connects again is known. */
  page: string
  /** How many pages have had the seat, and by how many connections. */
  pages: number
  connections: number
}

/** A ticket that was used; none else is kept. */
export interface RoomTicketTable {
  hash: string
  callId: string
  /** The page that used it, which may do so again: it may not have heard that it was let in. */
  page: string
}
