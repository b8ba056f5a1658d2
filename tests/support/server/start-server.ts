import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFailed, onTestFinished } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { serverFlags } from '../../../scripts/start/server-flags.ts'
import { readOperatorFile } from '../../../server/operator-file.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { putMigratedDatabase } from './migrated-database.ts'

export interface Server {
  /** `http://127.0.0.1:PORT`, where it listens; the same after a restart. */
  readonly url: string
  readonly dataDir: string
  /** SIGKILL: no goodbye. Resolves when it is gone. */
  readonly kill: () => Promise<void>
  /** SIGTERM. */
  readonly stop: () => Promise<void>
  /** SIGSTOP: its sockets stay open and nothing answers. */
  readonly freeze: () => void
  readonly thaw: () => void
  /** Starts it again on the same port with the same data. */
  readonly restart: () => Promise<void>
}

type Environment = Readonly<Record<string, string>>

/** @param output collects what the server prints. */
function untilListening(child: ChildProcess, output: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const read = (line: string) => {
      output.push(line)
      if (!line.startsWith('{')) return
      const entry = JSON.parse(line) as { msg?: string }
      if (entry.msg === 'listening') resolve()
    }
    for (const stream of [child.stdout, child.stderr])
      if (stream) createInterface({ input: stream }).on('line', read)
    child.once('exit', (code) =>
      reject(new Error(`The server ended (${code}) before it listened:\n${output.join('\n')}`)),
    )
  })
}

function run(environment: Environment, through: readonly string[]) {
  const server = [process.execPath, ...serverFlags, inRoot('server', 'main.ts')]
  const [program, ...words] = [...through, ...server]
  return spawn(program ?? '', words, {
    env: { ...process.env, HOST: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/**
 * Starts the real server as a process of its own, on a free port; it ends with the test.
 *
 * @param through a program, with its words, that becomes the server: `prlimit --nofile=1024`.
 */
export async function startServer(
  environment: Environment = {},
  through: readonly string[] = [],
): Promise<Server> {
  const { DATA_DIR: dataDir = temporaryFolder() } = environment
  const settings = { ...environment, DATA_DIR: dataDir }
  // A test that brings a folder or a database may be about its first start.
  if (environment.DATA_DIR === undefined && environment.DATABASE_URL === undefined)
    await putMigratedDatabase(join(dataDir, 'reachable.db'))
  let child = run({ PORT: '0', ...settings }, through)
  const output: string[] = []
  onTestFailed(() => console.log(output.join('\n')))
  await untilListening(child, output)
  const { url = '' } = readOperatorFile(join(dataDir, 'operator.json')) ?? {}

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  onTestFinished(() => end('SIGKILL'))

  return {
    url,
    dataDir,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    restart: async () => {
      child = run({ PORT: new URL(url).port, ...settings }, through)
      await untilListening(child, output)
    },
  }
}
