import type { HeldConnection, LeaseEvent, Leases } from './lease-reducer.ts'

/**
 * What nearly every event is: a heartbeat of a connection whose lease has not ended. It changes nothing but the end of that
 * lease, so that is changed in place, in leases that nobody else holds: those of every person, renewed every 10 s, would
 * else be copied and collected again and again.
 *
 * @param leases nothing of them ran out by `now`.
 * @returns whether it was that, and is done; if not, nothing has changed.
 */
export function renewLease(
  { connections }: Leases,
  { connection, n, arrived, leaseFor }: LeaseEvent & { kind: 'heartbeat' },
  now: number,
): boolean {
  const held: { -readonly [Key in keyof HeldConnection]: HeldConnection[Key] } | undefined =
    connections.get(connection)
  if (!held || held.until === null || held.until <= now) return false
  held.n = n
  held.until = Math.max(held.until, arrived + leaseFor)
  return true
}
