import type { Selectable } from 'kysely'
import type { VisitState } from '../../protocol/place.ts'

/** Places, who belongs to them, and who visited them. */

export interface PlaceTable {
  id: string
  /** As it stands in addresses. */
  slug: string
  name: string
  createdAt: number
  /** JSON: when it is open in each week; null for always. */
  hours: string | null
  /** By whose clock, as IANA names zones. */
  timeZone: string
  /** JSON: the origins of the sites that may show it in a frame. */
  origins: string
  /** Since when the operator takes no visitors in; null while they are taken in. */
  shutAt: number | null
}

export interface PlaceMemberTable {
  placeId: string
  userId: string
  /** When they said that the place may tell whether they can be reached: it does without where they are one of several. */
  agreedAt: number | null
}

export interface VisitTable {
  id: string
  placeId: string
  /** A hash of the page's own id of it: one makes one visit. */
  key: string
  /** As the visitor typed it. */
  name: string
  /** A keyed hash of where they come from. */
  address: string
  /** The same of the two wider networks of which that may be a part; `address` again where it is none (IPv4). */
  home: string
  site: string
  state: VisitState
  at: number
  /** Its place among those of its place that are not over: whoever comes later has a greater one, whatever clocks say. */
  turn: number
  /** When it was first to ring. */
  calledAt: number | null
  /** Until when their page is believed to be there. */
  leaseUntil: number
  /** Since when nobody is there whom it could ring, while it waits in line; null while somebody is. */
  nobodySince: number | null
  endedAt: number | null
  /** The call by which it was answered, and the device. */
  callId: string | null
  device: string | null
}

/** From where a place takes no visitors. */
export interface PlaceBlockTable {
  placeId: string
  /** A keyed hash, as in `visit`. */
  address: string
  /** What whoever was blocked called themselves. */
  name: string
  /** The member who blocked them. */
  by: string | null
  at: number
}

export type PlaceRow = Selectable<PlaceTable>
export type VisitRow = Selectable<VisitTable>
