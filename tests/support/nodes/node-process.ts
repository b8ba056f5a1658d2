import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { inRoot } from '../../../scripts/root.ts'
import { serverFlags } from '../../../scripts/start/server-flags.ts'
import { readOperatorFile } from '../../../server/operator-file.ts'

/** One node: `node server/main.ts`, a process of its own with a data directory of its own. */
export interface NodeProcess {
  readonly name: string
  /** Where it listens now; undefined while it does not. */
  readonly port: () => number | undefined
  readonly dataDir: string
  readonly pid: () => number | undefined
  readonly isRunning: () => boolean
  /** SIGKILL. */
  readonly kill: () => Promise<void>
  /** SIGTERM, by which it drains. Resolves when it is gone. */
  readonly stop: () => Promise<void>
  /** SIGSTOP. */
  readonly freeze: () => void
  readonly thaw: () => void
  /** Starts it, again perhaps; resolves when it listens. */
  readonly start: () => Promise<void>
  /** The newest lines that it printed. */
  readonly output: () => readonly string[]
  /** Ends it and takes its files away. */
  readonly remove: () => Promise<void>
}

export interface NodeProcessOptions {
  readonly name: string
  readonly environment: Readonly<Record<string, string>>
  /** A program, with its words, that becomes the node. */
  readonly through?: readonly string[]
  /** Hears each line that it prints. */
  readonly onLine?: ((line: string) => void) | undefined
}

const mostLines = 400

/** On Linux a node ends with whoever started it, however that ends. */
const mortal = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig=SIGKILL'] : []

/** A node that is not started yet. */
export function newNodeProcess({
  name,
  environment,
  through = [],
  onLine = () => {},
}: NodeProcessOptions): NodeProcess {
  const dataDir = mkdtempSync(join(tmpdir(), `reachable-node-${name}-`))
  const output: string[] = []
  let child: ChildProcess | undefined
  let port: number | undefined

  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null

  async function start(): Promise<void> {
    const server = [process.execPath, ...serverFlags, inRoot('server', 'main.ts')]
    const [program, ...words] = [...mortal, ...through, ...server]
    const started = spawn(program ?? '', words, {
      env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', ...environment, DATA_DIR: dataDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    port = undefined
    await new Promise<void>((resolve, reject) => {
      const read = (line: string) => {
        onLine(line)
        output.push(line)
        output.splice(0, output.length - mostLines)
        if (line.includes('"msg":"listening"')) resolve()
      }
      for (const stream of [started.stdout, started.stderr])
        if (stream) createInterface({ input: stream }).on('line', read)
      // Once all that it said has been read.
      started.once('close', (code) =>
        reject(new Error(`${name} ended (${code}) before it listened:\n${output.slice(-30).join('\n')}`)),
      )
    })
    port = Number(new URL(readOperatorFile(join(dataDir, 'operator.json'))?.url ?? '').port)
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child
    if (!ending || !isRunning()) return
    const ended = once(ending, 'exit')
    ending.kill(signal)
    await ended
    if (child === ending) port = undefined
  }

  return {
    name,
    port: () => port,
    dataDir,
    pid: () => child?.pid,
    isRunning,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    start,
    output: () => output,
    remove: async () => {
      await end('SIGKILL')
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
}
