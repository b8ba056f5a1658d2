import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { findCoturn } from '../../../scripts/nodes/ensure-node-services.ts'
import { readYaml } from '../deploy-files.ts'
import { freePort } from '../nodes/free-port.ts'
import { temporaryFolder } from '../temporary-folder.ts'

export interface Coturn {
  readonly port: number
  /** What it printed. */
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
}

/** The words with which the compose file starts it, but for its ports. */
function deployedWords(): string[] {
  const [{ services }] = readYaml('compose.yaml') as [{ services: { coturn: { command: readonly string[] } } }]
  return services.coturn.command
    .filter((word) => !/^--(min|max)-port/.test(word))
    .map((word) => word.replace(/\$\{REACHABLE_HOST[^}]*\}/, 'reachable.example'))
}

/** A real coturn as it is deployed, on this machine alone; it ends with the test. */
export async function startCoturn({ secret, allowsLoopback = false, ...given }: CoturnOptions): Promise<Coturn> {
  const port = given.port ?? (await freePort())
  const folder = temporaryFolder()
  const words = [
    ...deployedWords().filter((word) => !allowsLoopback || !word.startsWith('--denied-peer-ip=127.')),
    ...(allowsLoopback ? ['--allow-loopback-peers'] : []),
    ...[`--static-auth-secret=${secret}`, `--listening-port=${port}`, '--listening-ip=127.0.0.1'],
    ...['--relay-ip=127.0.0.1', '--no-tls', '--no-dtls', '--log-file=stdout', '--simple-log', '--verbose'],
    ...[`--pidfile=${folder}/pid`, `--userdb=${folder}/userdb`],
  ]
  // Ends with whoever started it, even if that is killed.
  const child = spawn('setpriv', ['--pdeathsig=SIGKILL', findCoturn() ?? 'turnserver', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const isReady = () => said.includes('listener opened on')
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        said = `${said}${data}`.slice(-20_000)
        if (isReady()) resolve()
      })
  })
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  await Promise.race([ready, once(child, 'exit'), once(AbortSignal.timeout(20_000), 'abort')])
  if (!isReady()) throw new Error(`coturn did not start: ${said}`)
  return { port, output: () => said, kill }
}
