import { expect, test } from 'vitest'
import { defaultTiming } from '../../../protocol/timing.ts'
import { createPresenceParts } from '../../../server/presence/presence-parts.ts'
import { testClock } from '../support/test-clock.ts'

test('PW2.9 a device that says 20 times a second whether somebody is at it is told of at once, and then twice a second at most', () => {
  const clock = testClock()
  clock.standStill()
  const told: boolean[] = []
  let isIdle = false
  const parts = createPresenceParts({
    clock,
    bus: {
      publish: (_, payload) =>
        void told.push((payload as { leases: { idle: boolean }[] }).leases[0]?.idle === true),
    },
    timing: defaultTiming,
    node: 'n',
    live: () => [{ connection: 'c', device: 'd', n: 1, until: clock.monotonic() + 15_000 }],
    isIdle: () => isIdle,
    isWatched: () => true,
    markWatched: () => {},
  })
  const say = (idle: boolean) => {
    isIdle = idle
    parts.idled('ann')
  }
  say(true)
  expect(told).toEqual([true])
  for (let n = 0; n < 200; n += 1) {
    say(n % 2 === 1)
    clock.advance(50)
    parts.tick()
  }
  expect(told.length).toBeLessThanOrEqual(1 + 2 * 10 + 1)
  // What is so in the end is told.
  say(false)
  clock.advance(1_000)
  parts.tick()
  expect(told.at(-1)).toBe(false)
})
