import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'

/** A process of the load's own, so that what it costs is not taken for a server's. It answers what it is asked, in turn. */
export interface LoadProcess {
  readonly pid: number
  /** @throws when it ends before it answers. */
  readonly ask: (question: unknown) => Promise<unknown>
  readonly end: () => Promise<void>
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null

/** Starts a file of `tests/bench`, which ends with the test. */
export function launchProcess(...path: readonly string[]): LoadProcess {
  const file = inRoot('tests', 'bench', ...path)
  const child = fork(file, [], { execArgv: [], env: { PATH: process.env.PATH } })
  const gone = once(child, 'exit')
  const end = async () => {
    if (hasEnded(child)) return
    child.kill('SIGKILL')
    await gone
  }
  onTestFinished(end)

  async function ask(question: unknown): Promise<unknown> {
    const answered = new AbortController()
    const { signal } = answered
    const ended = once(child, 'exit', { signal }).then(([code]) => {
      throw new Error(`${path.at(-1)} ended (${code}) before it answered.`)
    })
    ended.catch(() => {})
    const answer = once(child, 'message', { signal })
    child.send(question as object)
    try {
      const [said] = await Promise.race([answer, ended])
      return said
    } finally {
      answered.abort()
      answer.catch(() => {})
    }
  }

  return { pid: child.pid ?? 0, ask, end }
}
