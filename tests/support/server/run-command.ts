import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Command {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

/** Where a command works, and what else is set there. */
export interface CommandPlace {
  readonly dataDir: string
  readonly env?: Readonly<Record<string, string>>
  /** What stands on its standard input: nothing, unless it is given. */
  readonly input?: string
}

/** Starts a command of the server, such as `account list`, as its operator would. It ends with the test. */
export function startCommand(
  at: string | CommandPlace,
  name: 'account' | 'api-key' | 'audit' | 'call' | 'contact' | 'doctor' | 'move-database' | 'place',
  ...parameters: readonly string[]
): Command {
  const { dataDir, env, input }: CommandPlace = typeof at === 'string' ? { dataDir: at } : at
  const child = spawn(process.execPath, [inRoot('server', 'cli', `${name}.ts`), ...parameters], {
    env: {
      PATH: process.env.PATH,
      ...env,
      DATA_DIR: dataDir,
      // Tests run hundreds of them; a third of each is the reading of the same sources.
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), 'node-compile-cache'),
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // A command may end before it reads.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  onTestFinished(() => void child.kill('SIGKILL'))
  const code = new Promise<number | null>((resolve) => child.on('close', resolve))
  const ended = Promise.all([code, text(child.stdout), text(child.stderr)])
  return { child, ended: ended.then(([code, out, err]) => ({ code, out: out.trim(), err: err.trim() })) }
}

/** Runs a command to its end. */
export const runCommand = (...given: Parameters<typeof startCommand>): Promise<Ended> =>
  startCommand(...given).ended

/** The same, for a command that is only a means. @returns what it printed. @throws when it ends with anything but 0. */
export async function runCommandOrThrow(...given: Parameters<typeof startCommand>): Promise<string> {
  const { code, out, err } = await runCommand(...given)
  if (code !== 0) throw new Error(`${given.slice(1).join(' ')} ended with ${code}: ${out}\n${err}`)
  return out
}
