import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { root } from '../../scripts/root.ts'

export interface Logged {
  readonly ok: boolean
  /** What it said it tried. */
  readonly tried: readonly string[]
  /** Why it did not end well. */
  readonly why: string
}

/**
 * Runs a program by the project's own Node and keeps what it prints in a file. One that takes longer than
 * `longest` ms is ended, with all that it started.
 */
export function runLogged(
  parameters: readonly string[],
  { env, log, longest }: { env: NodeJS.ProcessEnv; log: string; longest: number },
): Promise<Logged> {
  mkdirSync(dirname(log), { recursive: true })
  const file = createWriteStream(log)
  const child = spawn(process.execPath, parameters, {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that it can be ended whole.
    detached: true,
  })
  let printed = ''
  const keep = (chunk: Buffer) => {
    printed += chunk.toString()
    file.write(chunk)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)

  const end = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
  }
  let late = false
  const timer = setTimeout(() => {
    late = true
    end()
  }, longest)
  process.once('exit', end)
  const stop = () => process.exit(130)
  process.once('SIGINT', stop)

  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer)
      process.off('exit', end)
      process.off('SIGINT', stop)
      file.end()
      const tried = [...printed.matchAll(/^\s*tried: (.*)$/gm)].map(([, what]) => what ?? '')
      const why = late ? `took longer than ${longest / 60_000} minutes` : `ended with ${code}`
      resolve({ ok: code === 0 && !late, tried, why })
    })
  })
}
