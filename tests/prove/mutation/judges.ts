import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The quick ones first: most changes are noticed by them, and the first to notice ends the search. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => rank(a.moduleId) - rank(b.moduleId))
  }
}

const rank = (file: string) =>
  /schedules-judge/.test(file) ? 2 : /exhaustive|property|whatever-happens/.test(file) ? 1 : 0

/** What looks for changes: the tests of each part that decides, and what tries many states. */
export default defineConfig({
  test: {
    include: [
      'tests/extension/reachability/{driver,instant,next-look,reduce,reduce-guards,taken-over}.test.ts',
      'tests/extension/reachability/exhaustive/*.test.ts',
      'tests/extension/calls/{calls,calls-guards,leg-guards,callee-truth,whatever-happens}.test.ts',
      'tests/server/presence/lease-*.test.ts',
      'tests/server/calls/{active-call*,legs}.test.ts',
      'tests/prove/schedules-judge.ts',
    ],
    sequence: { sequencer: QuickFirst },
    testTimeout: 60_000,
  },
})
