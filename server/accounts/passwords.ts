import { emptyQueue, enqueue, finish, type HashingQueue, type Ticket, type Turn } from './hashing-queue.ts'
import { hashPassword, isHashOf } from './password-hash.ts'

/** Hashes passwords, and tells whose they are, for everybody who does; a few at once. */
export interface Passwords {
  /** @throws PasswordsBusy when too many want that at this moment; nothing was done then. */
  hash(password: string, turn?: Turn): Promise<string>
  /** Whether a hash is this password's. @throws PasswordsBusy like `hash`. */
  verify(asked: { readonly hash: string; readonly password: string }, turn?: Turn): Promise<boolean>
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
const byRight: Turn = { priority: 'known', from: 'by right' }

/** @param monotonic a clock, in ms. */
export function openPasswords(monotonic: () => number = () => performance.now()): Passwords {
  let queue: HashingQueue = emptyQueue(monotonic())
  let last = 0
  const waiting = new Map<number, { readonly start: () => void; readonly refuse: () => void }>()

  const settle = (ticket: Ticket | undefined, how: 'start' | 'refuse') => {
    if (!ticket) return
    waiting.get(ticket.number)?.[how]()
    waiting.delete(ticket.number)
  }

  const inTurn = async <T>(turn: Turn, work: () => Promise<T>): Promise<T> => {
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
      return await work()
    } finally {
      const next = finish(queue, monotonic())
      queue = next.queue
      settle(next.started, 'start')
    }
  }

  return {
    hash: (password, turn = byRight) => inTurn(turn, () => hashPassword(password)),
    verify: ({ hash, password }, turn = byRight) => inTurn(turn, () => isHashOf(hash, password)),
  }
}
