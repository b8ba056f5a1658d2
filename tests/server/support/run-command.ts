import { type ChildProcess, spawn } from 'node:child_process'
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

/** Starts one of the operator's commands on a data directory. */
export function startCommand(
  dataDir: string,
  name: 'account' | 'api-key' | 'audit' | 'call',
  ...parameters: readonly string[]
): Command {
  const child = spawn(process.execPath, [inRoot('server', 'cli', `${name}.ts`), ...parameters], {
    env: { PATH: process.env.PATH, DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const code = new Promise<number | null>((resolve) => child.on('close', resolve))
  const ended = Promise.all([code, text(child.stdout), text(child.stderr)])
  return { child, ended: ended.then(([code, out, err]) => ({ code, out: out.trim(), err: err.trim() })) }
}

/** Runs a command to its end. */
export const runCommand = (...given: Parameters<typeof startCommand>): Promise<Ended> =>
  startCommand(...given).ended
