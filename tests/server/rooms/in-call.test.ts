import { expect, test } from 'vitest'
import type { Bus } from '../../../server/bus/bus.ts'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import { onAskedForCall, publishInCall } from '../../../server/bus/presence-message.ts'
import { createWatchedPeople } from '../../../server/people/watching/watched-people.ts'
import { testClock } from '../support/test-clock.ts'

/** Somebody watches Ann, and hears of her rooms. */
function watched() {
  const clock = testClock()
  clock.standStill()
  const bus: Bus = createInProcessBus((_, error) => {
    throw error
  })
  let changes = 0
  const people = createWatchedPeople({
    ...{ clock, bus, hasOthers: false },
    onLeases: () => {
      changes += 1
    },
    onStatus: () => {},
  })
  people.watch('ann')
  // A message comes a turn later.
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return {
    clock,
    bus,
    people,
    turn,
    inCallFor: () => people.inCallFor('ann'),
    /** How often something was told to be another since this was asked last. */
    changes: () => {
      const since = changes
      changes = 0
      return since
    },
    async say(lease: string, left: number) {
      publishInCall(bus, 'ann', { lease, left })
      await turn()
    },
  }
}

test('RM6.1 a lease in a room ends by itself, and who looks is told that it did', async () => {
  const { clock, people, inCallFor, say, changes } = watched()
  expect(inCallFor()).toBeNull()
  await say('seat', 6_000)
  expect([inCallFor(), changes()]).toEqual([expect.closeTo(6_000, 3), 1])
  clock.advance(5_999)
  people.tick()
  expect([inCallFor(), changes()]).toEqual([expect.closeTo(1, 3), 0])
  clock.advance(2)
  expect(inCallFor()).toBeNull()
  people.tick()
  expect(changes()).toBe(1)
  expect(people.dueAt()).toBeGreaterThan(clock.monotonic())
})

test('RM6.1 a beat lengthens it, the end of one lease leaves another, and who left is in no call at once', async () => {
  const { clock, inCallFor, say } = watched()
  await say('one', 6_000)
  clock.advance(4_000)
  await say('one', 6_000)
  await say('other', 3_000)
  expect(inCallFor()).toBeCloseTo(6_000, 3)
  await say('one', 0)
  expect(inCallFor()).toBeCloseTo(3_000, 3)
  await say('other', 0)
  expect(inCallFor()).toBeNull()
})

test('RM6.2 whoever begins to watch somebody hears at once that they are in a room, and nobody asks again', async () => {
  const { bus, people, turn } = watched()
  let asked = 0
  const stop = onAskedForCall(bus, 'ben', () => {
    asked += 1
    publishInCall(bus, 'ben', { lease: 'seat', left: 4_000 })
  })
  people.watch('ben')
  await turn()
  expect(people.inCallFor('ben')).toBeCloseTo(4_000, 3)
  publishInCall(bus, 'ben', { lease: 'seat', left: 6_000 })
  await turn()
  expect(asked).toBe(1)
  // What was known is forgotten, and asked for anew.
  people.askAnew()
  expect(people.inCallFor('ben')).toBeNull()
  await turn()
  expect(people.inCallFor('ben')).toBeCloseTo(4_000, 3)
  stop()
  people.askAnew()
  await turn()
  expect([asked, people.inCallFor('ben')]).toEqual([2, null])
})

test('RM6.1 what was told before the bus was lost counts no more, and nobody else is in a call by it', async () => {
  const { people, inCallFor, say } = watched()
  await say('one', 6_000)
  expect(people.inCallFor('ben')).toBeNull()
  people.askAnew()
  expect(inCallFor()).toBeNull()
})
