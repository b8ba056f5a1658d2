import type { Database } from '../database/tables.ts'
import { emptyQueue, enqueue, finish, type HashingQueue, type Ticket, type Turn } from './hashing-queue.ts'
import { type HashCost, hashCost, hashOfNobody, hashPassword, isHashOf, isOutdated } from './password-hash.ts'

export interface Hashing {
  hash(password: string): Promise<string>
  /** Whether a hash is this password's. Where there is none something is hashed too, so that it takes as long. */
  verify(asked: { readonly hash: string | undefined; readonly password: string }): Promise<boolean>
}

/** Hashes passwords, and tells whose they are, for everybody who does; a few at once. */
export interface Passwords {
  /**
   * Waits for a turn, and keeps it until `work` is done; all that is hashed in it is in this turn.
   *
   * @throws PasswordsBusy when too many want one at this moment; nothing was done then.
   */
  inTurn<T>(turn: Turn, work: (hashing: Hashing) => Promise<T>): Promise<T>
  /** @throws PasswordsBusy when too many want that at this moment; nothing was done then. */
  hash(password: string, turn?: Turn): Promise<string>
  /** Whether a hash is this password's. @throws PasswordsBusy like `hash`. */
  verify(asked: { readonly hash: string; readonly password: string }, turn?: Turn): Promise<boolean>
  /** Whether a hash costs less to try than one that is made now. */
  isOutdated(hash: string): boolean
}

/** What setting or checking somebody's password takes. */
export interface PasswordDependencies {
  readonly db: Database
  readonly passwords: Passwords
  /** Of this installation. */
  readonly secret: string
}

/** Too many passwords are looked at in this moment. */
export class PasswordsBusy extends Error {
  override readonly name = 'PasswordsBusy'
  /** Seconds. Those who wait have had their turn by then. */
  readonly retryAfter = 2

  constructor() {
    super('Too many passwords are looked at in this moment.')
  }
}

/** Of whoever came by a link, a session or a key, which strangers do not have: they are few, and limited elsewhere. */
export const byRight: Turn = { priority: 'known', from: ['by right'] }

export interface PasswordsOptions {
  /** A clock, in ms. */
  readonly monotonic?: () => number
  /** Of the hashes that are made. */
  readonly cost?: HashCost | undefined
}

export function openPasswords({
  monotonic = () => performance.now(),
  cost = hashCost,
}: PasswordsOptions = {}): Passwords {
  const nobodys = hashOfNobody(cost)
  const hashing: Hashing = {
    hash: (password) => hashPassword(password, cost),
    verify: ({ hash = nobodys, password }) => isHashOf(hash, password),
  }
  let queue: HashingQueue = emptyQueue(monotonic())
  let last = 0
  const waiting = new Map<number, { readonly start: () => void; readonly refuse: () => void }>()

  const settle = (ticket: Ticket | undefined, how: 'start' | 'refuse') => {
    if (!ticket) return
    waiting.get(ticket.number)?.[how]()
    waiting.delete(ticket.number)
  }

  const inTurn = async <T>(turn: Turn, work: (hashing: Hashing) => Promise<T>): Promise<T> => {
    last += 1
    const ticket: Ticket = { ...turn, number: last }
    await new Promise<void>((start, fail) => {
      waiting.set(ticket.number, { start, refuse: () => fail(new PasswordsBusy()) })
      const admission = enqueue(queue, ticket, monotonic())
      queue = admission.queue
      settle(admission.started, 'start')
      settle(admission.refused, 'refuse')
    })
    try {
      return await work(hashing)
    } finally {
      const next = finish(queue, monotonic())
      queue = next.queue
      settle(next.started, 'start')
    }
  }

  return {
    inTurn,
    hash: (password, turn = byRight) => inTurn(turn, (hashing) => hashing.hash(password)),
    verify: (asked, turn = byRight) => inTurn(turn, (hashing) => hashing.verify(asked)),
    isOutdated: (hash) => isOutdated(hash, cost),
  }
}
