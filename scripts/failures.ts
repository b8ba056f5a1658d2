import type { Reporter, TestCase } from 'vitest/node'

interface Fault {
  readonly stack?: string | undefined
  readonly message: string
}

/** Says what is under way and what went wrong, and remembers the latter. */
export class Failures implements Reporter {
  readonly names: string[] = []

  onTestCaseReady(test: TestCase): void {
    console.log(`${test.name} …`)
  }

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result()
    if (state === 'failed') this.#note(test.name, errors ?? [])
  }

  onTestRunEnd(modules: readonly { errors: () => readonly Fault[] }[], unhandled: readonly Fault[]): void {
    for (const fault of [...unhandled, ...modules.flatMap((module) => module.errors())])
      this.#note(fault.message, [fault])
  }

  #note(name: string, faults: readonly Fault[]): void {
    this.names.push(name)
    for (const { stack, message } of faults) console.log(stack ?? message)
  }
}
