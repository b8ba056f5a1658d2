import type { ColumnType, Generated, Selectable } from 'kysely'
import type { ChosenStatus } from '../../protocol/people.ts'

/** What people choose to be, whom they have, and what their devices are told of it. */

/** A row for whoever ever chose; others are available. */
export interface StatusTable {
  userId: string
  status: ChosenStatus
  /** When busy ends; null with every other. It is compared when read: nothing ends it. */
  until: number | null
  /** Counts the choices. */
  revision: number
}

/**
 * One person as another has them: a relation of two has a row on each side. Besides what devices are told there are
 * `withdrawn` (I asked, and took it back, which the other side is about to hear), `declined` (what I declined stays
 * declined for a while, whatever else they ask) and `asked-lately` (they took it back: asking again is told later).
 */
export interface ContactTable {
  userId: string
  /** Of `asked` and `withdrawn` the request's own; else the other's. */
  id: string
  /** Whose it is; of `asked` null until it is settled, and for good where nobody has that name. */
  otherId: string | null
  relation: 'contact' | 'asked' | 'withdrawn' | 'asks' | 'declined' | 'asked-lately' | 'blocked' | 'removed'
  /** Of `blocked`: what it goes back to; null for nothing. */
  before: Generated<'contact' | 'asks' | 'removed' | null>
  /** Of `asked` and `withdrawn`: what was typed. */
  typed: Generated<string | null>
  /** The same as it is compared. */
  login: Generated<string | null>
  /** Of a link that the clinic's system made, its name. */
  team: Generated<string | null>
  favourite: Generated<number>
  ringsThrough: Generated<number>
  since: number
  /** 1 while the other side is to hear of what is asked or withdrawn. */
  toSettle: Generated<number>
}

/** What came to be so in an account, numbered without a gap. */
export interface AccountEventTable {
  userId: string
  seq: number
  at: number
  /** JSON: an `AccountChange`. */
  change: string
}

/** What is counted of an account. */
export interface AccountCounterTable {
  userId: string
  /** The number of its last event. */
  seq: number
  /** How many requests for contacts there is no room for, at the moment `askedAt`: a leaky bucket. */
  asks: Generated<number>
  askedAt: Generated<number>
}

/** Somebody is called otherwise, or gone, or back: whoever has them is to be told. */
export interface PersonChangeTable {
  id: Generated<number>
  userId: string
  /** When a server began to tell of it; another does that again where it did not come to an end. */
  takenAt: ColumnType<number | null, number | null | undefined, number | null>
}

/** That the clinic's system made two people contacts, by this name; `one` comes before `other`. */
export interface ContactLinkTable {
  one: string
  other: string
  team: string
  /** Whose people the key that made it is limited to: it is for as long as both are. */
  provisioningDomain: Generated<string | null>
}

/** A team of the clinic's system, by the id that this has of it. */
export interface TeamTable {
  id: string
  name: string
  /** When somebody began to settle its members; another does that where it did not come to an end. */
  takenAt: Generated<number | null>
}

/** Somebody in a team, or on the way into it or out of it. Who is linked is a contact of all who are. */
export interface TeamMemberTable {
  teamId: string
  userId: string
  /** 1 while the clinic's system has them in the team. */
  wanted: number
  /** What the team was called when they became a contact of its others; null as long as they have not. */
  linkedAs: string | null
  /** 1 while their contacts are to become as that says. */
  toSettle: number
}

export type StatusRow = Selectable<StatusTable>
export type ContactRow = Selectable<ContactTable>
export type TeamMemberRow = Selectable<TeamMemberTable>
