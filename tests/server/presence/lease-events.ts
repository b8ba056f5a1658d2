import {
  emptyLeases,
  type LeaseEffect,
  type LeaseEvent,
  type Leases,
  liveDevices,
  reduceLeases,
} from '../../../server/presence/lease-reducer.ts'

/** Milliseconds. */
export const leaseFor = 25_000

/** Lets events happen at their times. @returns the leases, and the effects of the last event. */
export function run(...events: readonly [at: number, event: LeaseEvent][]): [Leases, LeaseEffect[]] {
  return events.reduce<[Leases, LeaseEffect[]]>(
    ([leases], [at, event]) => reduceLeases(leases, event, at),
    [emptyLeases, []],
  )
}

let hellos = 0

/** A hello of a connection that is newer than all before it, unless told otherwise. */
export const opened = (
  connection: string,
  device = connection,
  order = { boot: 1, n: hellos++ },
  takeOver = true,
): LeaseEvent => ({
  kind: 'opened',
  connection,
  device,
  order,
  takeOver,
})
export const heartbeat = (connection: string, arrived: number, n = 1): LeaseEvent => ({
  kind: 'heartbeat',
  connection,
  n,
  arrived,
  leaseFor,
})
export const connections = (leases: Leases, now: number) =>
  liveDevices(leases, now).map(({ connection }) => connection)
