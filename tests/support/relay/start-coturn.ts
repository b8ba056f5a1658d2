import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { findCoturn } from '../../../scripts/nodes/ensure-node-services.ts'
import { readYaml } from '../deploy-files.ts'
import { freePort } from '../nodes/free-port.ts'
import { temporaryFolder } from '../temporary-folder.ts'

export interface Coturn {
  readonly port: number
  /** What it has noted so far. */
  readonly output: () => string
  /** SIGKILL: all that it relayed is gone. */
  readonly kill: () => Promise<void>
}

export interface CoturnOptions {
  readonly secret: string
  /** Whether peers on this machine itself are relayed to, against what is deployed: there is no other one here. */
  readonly allowsLoopback?: boolean
  /** Where one was before that was killed; a free one by default. */
  readonly port?: number
  /** What it is started with besides. */
  readonly more?: readonly string[]
}

/** The words with which the compose file starts it, but for its ports. */
function deployedWords(): string[] {
  const [{ services }] = readYaml('compose.yaml') as [
    { services: { coturn: { command: readonly string[] } } },
  ]
  return services.coturn.command
    .filter((word) => !/^--(min|max)-port/.test(word))
    .map((word) => word.replace(/\$\{REACHABLE_HOST[^}]*\}/, 'reachable.example'))
}

/** It starts within so long, in ms, on the busiest machine. */
const startsWithin = 60_000

/** A real coturn as it is deployed, on this machine alone; it ends with the test. */
export async function startCoturn({
  secret,
  allowsLoopback = false,
  more = [],
  ...given
}: CoturnOptions): Promise<Coturn> {
  const port = given.port ?? (await freePort())
  const folder = temporaryFolder()
  // It writes each line of a file at once; what it prints lies in its memory for long.
  const log = join(folder, 'log')
  const words = [
    // Without the settings that its package brings.
    '-n',
    ...deployedWords().filter((word) => !allowsLoopback || !word.startsWith('--denied-peer-ip=127.')),
    ...(allowsLoopback ? ['--allow-loopback-peers'] : []),
    ...[`--static-auth-secret=${secret}`, `--listening-port=${port}`, '--listening-ip=127.0.0.1'],
    ...['--relay-ip=127.0.0.1', ...more, '--no-tls', '--no-dtls', '--simple-log', '--verbose'],
    ...[`--log-file=${log}`, `--pidfile=${folder}/pid`, `--userdb=${folder}/userdb`],
  ]
  // Ends with whoever started it, even if that is killed.
  const child = spawn('setpriv', ['--pdeathsig=SIGKILL', findCoturn() ?? 'turnserver', ...words], {
    stdio: 'ignore',
  })
  const output = () => (existsSync(log) ? readFileSync(log, 'utf8') : '')
  const isOver = () => child.exitCode !== null || child.signalCode !== null
  const kill = async () => {
    if (isOver()) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  await vi.waitUntil(() => isOver() || output().includes('UDP listener opened on'), {
    timeout: startsWithin,
    interval: 50,
  })
  if (isOver()) throw new Error(`coturn did not start: ${output()}`)
  return { port, output, kill }
}
