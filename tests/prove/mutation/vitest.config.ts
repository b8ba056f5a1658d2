import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The tests of each file that decides, and what tries many states: every mutant is to be killed by one of them. */
export const killingTests: readonly string[] = [
  'tests/extension/reachability/driver.test.ts',
  'tests/extension/clocks.test.ts',
  'tests/extension/reachability/move.test.ts',
  'tests/extension/reachability/move-guards.test.ts',
  'tests/extension/reachability/next-look.test.ts',
  'tests/extension/reachability/reduce.test.ts',
  'tests/extension/reachability/reduce-guards.test.ts',
  'tests/extension/reachability/taken-over.test.ts',
  'tests/extension/reachability/exhaustive/*.test.ts',
  'tests/extension/calls/driver.test.ts',
  'tests/extension/calls/reduce.test.ts',
  'tests/extension/calls/reduce-guards.test.ts',
  'tests/extension/calls/callee-truth.test.ts',
  'tests/extension/calls/further-calls.test.ts',
  'tests/extension/calls/leg.test.ts',
  'tests/extension/calls/moved.test.ts',
  'tests/extension/calls/calls-property.test.ts',
  'tests/extension/people/contact-presence-reducer.test.ts',
  'tests/server/people/seen-as.test.ts',
  'tests/server/presence/lease-*.test.ts',
  'tests/server/calls/active-call*.test.ts',
  'tests/server/calls/legs.test.ts',
  'tests/prove/random-schedules.ts',
]

/** The quick ones first: they kill most mutants, and the first to do so ends the search. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => rank(a.moduleId) - rank(b.moduleId))
  }
}

const slow = [/further-calls/, /property/, /exhaustive/, /random-schedules/]
const rank = (file: string) => slow.findIndex((names) => names.test(file)) + 1

export default defineConfig({
  test: {
    include: [...killingTests],
    sequence: { sequencer: QuickFirst },
    testTimeout: 60_000,
    // Few of each: what they find is to be found by a test of its own too.
    env: { TRUTH_SCHEDULES: '2000', MANY_CALLS: '500' },
    // No test leaves anything behind for another; to load everything anew for each file takes longer than the tests.
    isolate: false,
  },
})
