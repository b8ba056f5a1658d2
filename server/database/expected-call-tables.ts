import type { Generated, Selectable } from 'kysely'

/** A call that a contact or a program announced. */
export interface ExpectedCallTable {
  id: string
  /** Whom it is for. */
  userId: string
  /** The contact who will call; null where a program said so. */
  callerId: string | null
  /** The key of the program that said so; null of a contact's. */
  apiKeyId: string | null
  /** The program's own id of it: one makes one. */
  idempotencyKey: string | null
  /** As the program named them; null of a contact's. */
  to: string | null
  /** Who will call, by the name that the program gave; null of a contact, whose name is read. */
  from: string | null
  /** When, wall-clock ms. */
  at: number
  /** It is `expected` until it has come (was answered), its time has passed, or whoever announced it took it back. */
  state: 'expected' | 'came' | 'passed' | 'cancelled'
  /** 0 where its person is told nothing of it: they have blocked the caller, or taken it off their list. */
  shown: number
  /** 1 while the program was told last that its person could not be reached. */
  atRisk: Generated<number>
  madeAt: number
  /** Null while it is expected. */
  endedAt: Generated<number | null>
  /** When its person was mailed that no device of theirs could be reached. */
  mailedAt: Generated<number | null>
}

export type ExpectedCallRow = Selectable<ExpectedCallTable>
