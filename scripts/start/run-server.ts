import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import * as v from 'valibot'
import { showsColours } from '../../server/log.ts'
import { type StartReport, startReport } from '../../server/start-report.ts'
import { inRoot, root } from '../root.ts'
import { serverFlags } from './server-flags.ts'

export type Listening = Extract<StartReport, { kind: 'listening' }>

/** How a server ended that nobody had asked to. */
export interface Ended {
  /** It did not start, and has said why. */
  readonly refused: boolean
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The last lines that it said, as they were shown. */
  readonly lastLines: readonly string[]
}

export interface RunningServer {
  readonly process: ChildProcess
  /** Once it listens; undefined when it ended before. */
  readonly listening: Promise<Listening | undefined>
  readonly ended: Promise<Ended>
}

const mostLines = 12

/** Its log is read by people here, wherever it goes; colours are shown where this process would show them. */
function logEnvironment(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _, ...env } = process.env
  return { LOG_FORMAT: 'words', ...env, ...(showsColours() ? { FORCE_COLOR: '1', NO_COLOR: '' } : {}) }
}

/**
 * Starts the server on the embedded database, with demo accounts when there are none yet, and passes on what it says.
 * It stands in a process group of its own, so that Ctrl-C reaches it once, by way of whoever started it. It ends with
 * this process, and with the parent of this process that gave it a channel, however they end.
 */
export function runServer(): RunningServer {
  const words = [...serverFlags, inRoot('server', 'main.ts'), '--follow-parent', '--report-start']
  const child = spawn(process.execPath, words, {
    cwd: root,
    env: { DEMO_ACCOUNTS: '1', ...logEnvironment() },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: process.platform !== 'win32',
  })
  process.once('disconnect', () => child.kill('SIGTERM'))
  const lastLines: string[] = []
  const passOn = (from: NodeJS.ReadableStream | null, to: NodeJS.WriteStream) => {
    if (!from) return
    createInterface({ input: from }).on('line', (line) => {
      to.write(`${line}\n`)
      lastLines.push(line)
      if (lastLines.length > mostLines) lastLines.shift()
    })
  }
  passOn(child.stdout, process.stdout)
  passOn(child.stderr, process.stderr)

  let refused = false
  const listening = new Promise<Listening | undefined>((resolve) => {
    child.once('message', (told) => {
      const report = v.parse(startReport, told)
      if (report.kind === 'refused') refused = true
      else resolve(report)
    })
    child.once('error', () => resolve(undefined))
    child.once('exit', () => resolve(undefined))
  })
  // What it said last, and what it told over the channel, may come after its end.
  const ended = Promise.all([
    new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('close', (...how) => resolve(how))
      child.once('error', reject)
    }),
    once(child, 'disconnect'),
  ]).then(([[code, signal]]): Ended => ({ refused, code, signal, lastLines }))
  return { process: child, listening, ended }
}
