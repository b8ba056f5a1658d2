import { type Reporter, startVitest, type TestCase } from 'vitest/node'
import { root } from '../../scripts/root.ts'

/**
 * Runs programs that are written like tests, one after the other, because Vitest ends what each of them
 * has started (servers, browsers, folders) however it ends. They are no part of `npm test`.
 *
 * @param include globs, from the repository's folder.
 */
export async function runWithVitest(include: readonly string[], reporter: Reporter): Promise<void> {
  const vitest = await startVitest([], {
    root,
    config: false,
    watch: false,
    include: [...include],
    reporters: [reporter],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  })
  await vitest.close()
}

interface Failure {
  readonly stack?: string | undefined
  readonly message: string
}

/** Prints what is under way and what went wrong, and remembers the latter. */
export class ProgressReporter implements Reporter {
  /** The names of the tests that failed, or what failed outside them. */
  readonly failed: string[] = []

  onTestCaseReady(test: TestCase): void {
    console.log(`${test.name} …`)
  }

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result()
    if (state === 'failed') this.#record(test.name, errors ?? [])
  }

  onTestRunEnd(
    modules: readonly { errors: () => readonly Failure[] }[],
    unhandled: readonly Failure[],
  ): void {
    for (const failure of [...unhandled, ...modules.flatMap((module) => module.errors())])
      this.#record(failure.message, [failure])
  }

  #record(name: string, failures: readonly Failure[]): void {
    this.failed.push(name)
    for (const { stack, message } of failures) console.log(stack ?? message)
  }
}
