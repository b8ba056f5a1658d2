import { expect, test } from 'vitest'
import {
  emptyLeases,
  type LeaseEvent,
  type Leases,
  leaseNews,
  reduceLeases,
} from '../../../server/presence/lease-reducer.ts'
import { heartbeat, leaseFor, opened } from './lease-events.ts'

/** Lives through events, each at its moment. @returns what each was to whoever watches. */
function newsOf(...events: (readonly [number, LeaseEvent])[]) {
  let leases: Leases = emptyLeases
  return events.map(([now, event]) => {
    const [next, effects] = reduceLeases(leases, event, now)
    const news = leaseNews(leases, next, effects)
    leases = next
    return news
  })
}

test('PW2.7 PW2.5 who watches is told of each lease that is gained or over, and apart from those of each that is renewed', () => {
  expect(
    newsOf(
      [0, opened('a', 'desk')],
      [0, { kind: 'closed', connection: 'nobody' }],
      [10, heartbeat('a', 10)],
      [10_000, heartbeat('a', 10_000)],
      [10_000, opened('b', 'laptop')],
      [10_001, { kind: 'tick' }],
      [10_010, heartbeat('b', 10_010)],
      [11_000, { kind: 'closed', connection: 'b' }],
      [12_000, { kind: 'storage-lost' }],
      [12_001, { kind: 'storage-lost' }],
      [13_000, { kind: 'heartbeat-refused', connection: 'a', n: 2 }],
      [14_000, heartbeat('a', 14_000)],
      [39_000, { kind: 'tick' }],
      [40_000, { kind: 'closed', connection: 'a' }],
    ),
  ).toEqual([
    ...[null, null, 'changed', 'renewed', null, null, 'changed'],
    ...['changed', 'changed', null, null, 'changed', 'changed', null],
  ])
})

test('PW2.7 a lease that is over as another is renewed, or that one in its place gains, is told', () => {
  const two = [
    [0, opened('a', 'desk')],
    [0, heartbeat('a', 0)],
    [5_000, opened('b', 'laptop')],
    [5_000, heartbeat('b', 5_000)],
  ] as const
  expect(newsOf(...two, [leaseFor, heartbeat('b', leaseFor)]).at(-1)).toBe('changed')
  expect(newsOf(...two, [6_000, opened('c', 'laptop')], [6_100, heartbeat('c', 6_100)]).slice(-2)).toEqual([
    null,
    'changed',
  ])
})
