import { beforeEach, expect, test } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createMessageRouter } from '../../../entrypoints/background/connection/message-router.ts'
import type { ServerMessage } from '../../../protocol/connection.ts'
import { defaultTiming } from '../../../protocol/timing.ts'
import { welcomeTo } from '../../support/welcome.ts'
import { ringingCall } from '../calls/calls-on-device.ts'

beforeEach(() => fakeBrowser.reset())

const account = { id: 'u', username: 'ann', email: 'a@a.example', name: 'Ann', picture: null, language: null }

/** What each part is told, in order, of what is heard on connection 3, on which two heartbeats were sent. */
function heard(...messages: ServerMessage[]): unknown[] {
  return heardOn(...messages.map((message) => [3, message] as const))
}

function heardOn(...messages: readonly (readonly [number, ServerMessage])[]): unknown[] {
  const told: unknown[] = []
  const tell =
    (part: string) =>
    (...what: unknown[]) =>
      told.push([part, ...what])
  const route = createMessageRouter({
    session: { updateAccount: tell('account') },
    reachability: {
      dispatch: tell('reachability'),
      openConnection: () => 3,
      newestHeartbeat: (connection: number) => (connection === 3 || connection === 4 ? 2 : null),
    },
    calls: { dispatch: tell('calls') },
    bootNumber: { isOwn: (number: number) => number === 1 },
    inbox: {
      welcomed: tell('welcomed'),
      replaceMissed: tell('missed'),
      addGap: tell('gap'),
      connectionProven: tell('proven'),
    },
    people: { welcomed: tell('people'), heard: tell('people'), leased: () => {} },
  } as never)
  for (const [connection, message] of messages) route(connection, message)
  return told
}

test('P7.1 before a ring is believed the clocks are looked at, so that one from before a sleep is none', () => {
  const call = ringingCall()
  expect(heard({ type: 'ring', call })).toEqual([
    ['reachability', { type: 'look' }],
    ['calls', { type: 'ring', connection: 3, call }],
  ])
})

test('P8.1 P8.4 a welcome tells what rings and what was missed, and whose it is', () => {
  const message = welcomeTo(account, { ringing: ['a'], features: ['unseen'], canRoom: false })
  expect(heard(message)).toEqual([
    ['account', account],
    ['welcomed', 'u', [], ['unseen'], false],
    ['calls', message],
    ['reachability', { type: 'welcomed', connection: 3, timing: defaultTiming }],
    ['people', 3, 'u', ['unseen']],
  ])
})

test('P8.3 P8.4 a lease tells its gap, and that the connection works once it counts', () => {
  const gap = { from: 1, until: 2, missed: 0, recorded: false }
  expect(
    heard({ type: 'lease', n: 1, leaseFor: 25_000, gap }, { type: 'lease', n: 2, leaseFor: 25_000 }),
  ).toEqual([
    ['gap', gap],
    ['reachability', { type: 'leased', connection: 3, heartbeat: 1, leaseFor: 25_000 }],
    ['proven', 3],
    ['reachability', { type: 'leased', connection: 3, heartbeat: 2, leaseFor: 25_000 }],
    ['proven', 3],
  ])
})

test('L3.9 T1.5 a lease that answers no heartbeat, or one that was answered, is none, and tells no gap', () => {
  const gap = { from: 1, until: 2, missed: 9, recorded: true }
  const lease = (n: number): ServerMessage => ({ type: 'lease', n, leaseFor: 25_000, gap })
  expect(heard(lease(3), lease(0), lease(2 ** 40))).toEqual([])
  expect(heard(lease(2), lease(2), lease(1), lease(2))).toHaveLength(3)
  // One that was doubted meanwhile is answered late: it proves nothing any more, and its gap is told all the same.
  expect(heard(lease(1), lease(2)).filter((told) => (told as string[])[0] === 'gap')).toHaveLength(2)
})

test('P8.1 a new list of missed calls ends those that were of unknown end', () => {
  const message = { type: 'missed' as const, missed: [], n: 4 }
  expect(heard(message)).toEqual([
    ['missed', [], 4],
    ['calls', message],
  ])
})

test('L3.10 a server that asks to move is heard by the connection that it is about', () => {
  expect(heard({ type: 'move' })).toEqual([['reachability', { type: 'move', connection: 3 }]])
})

test('L3.11 the welcome of a second connection ends no call, and its lease counts beside the first’s', () => {
  const message = welcomeTo(account, { ringing: ['a'] })
  const lease: ServerMessage = { type: 'lease', n: 1, leaseFor: 25_000 }
  const told = heardOn([3, lease], [4, message], [4, lease], [3, lease], [4, lease])
  expect(told).toContainEqual(['calls', { type: 'successor-welcome', connection: 4, ringing: ['a'] }])
  expect(told.filter((one) => (one as string[])[0] === 'proven')).toEqual([
    ['proven', 3],
    ['proven', 4],
  ])
})
