import { defineConfig } from 'vitest/config'

/** The tests of each file that decides: every mutant is to be killed by an example, not only by what tries many states. */
export const killingTests: readonly string[] = [
  'tests/extension/reachability/driver.test.ts',
  'tests/extension/clocks.test.ts',
  'tests/extension/reachability/move.test.ts',
  'tests/extension/reachability/move-guards.test.ts',
  'tests/extension/reachability/next-look.test.ts',
  'tests/extension/reachability/reduce.test.ts',
  'tests/extension/reachability/reduce-guards.test.ts',
  'tests/extension/reachability/taken-over.test.ts',
  'tests/extension/calls/driver.test.ts',
  'tests/extension/calls/reduce.test.ts',
  'tests/extension/calls/reduce-guards.test.ts',
  'tests/extension/calls/callee-truth.test.ts',
  'tests/extension/calls/further-calls.test.ts',
  'tests/extension/calls/leg.test.ts',
  'tests/extension/calls/moved.test.ts',
  'tests/extension/people/contact-presence-reducer.test.ts',
  'tests/server/people/seen-as.test.ts',
  'tests/server/presence/lease-*.test.ts',
  'tests/server/calls/active-call*.test.ts',
  'tests/server/calls/legs.test.ts',
  'tests/server/places/light-rule.test.ts',
  'tests/server/places/share-of-visitor.test.ts',
  'tests/server/places/visit-rule.test.ts',
  'tests/web/place/*-reducer.test.ts',
  'tests/server/rooms/seat-reducer.test.ts',
  'tests/web/room/quality.test.ts',
  'tests/web/room/room-reducer.test.ts',
]

export default defineConfig({
  test: {
    include: [...killingTests],
    exclude: ['tests/**/*-property.test.ts'],
    env: { MANY_CALLS: '500' },
    // No test leaves anything behind for another; to load everything anew for each file takes longer than the tests.
    isolate: false,
  },
})
