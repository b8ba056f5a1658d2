import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { findPostgres } from '../../../scripts/nodes/ensure-node-services.ts'
import { processesOf, signal } from '../processes-of.ts'
import { freePort } from './free-port.ts'

const run = promisify(execFile)

export interface PostgresOptions {
  /** Whether what is committed outlives the machine's end; without it tests are faster. A killed server loses nothing either way. */
  readonly fsync?: boolean
  /** More lines for `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string | number>>
  /** Megabytes of a file system of its own, so that it can be filled. Only root can have one. */
  readonly ownDisk?: number
}

/** A real PostgreSQL on a temporary folder and a free port of 127.0.0.1, which lets its superuser in without a password. */
export interface PostgresCluster {
  readonly port: number
  /** Where its files are. */
  readonly folder: string
  /** Its address, of the database `postgres` unless said. */
  readonly url: (database?: string) => string
  /** Asks as the superuser, on a connection of its own. */
  readonly query: (text: string, database?: string) => Promise<readonly Record<string, unknown>[]>
  /** SIGKILL for every process of it. */
  readonly kill: () => Promise<void>
  /** Ends it as `pg_ctl stop -m fast` does. */
  readonly stop: () => Promise<void>
  readonly start: () => Promise<void>
  /** SIGSTOP for every process of it: connections stay open and nothing answers. */
  readonly freeze: () => void
  readonly thaw: () => void
  readonly setReadOnly: (is: boolean) => Promise<void>
  readonly isRunning: () => boolean
  /** Ends it and takes its files away. */
  readonly remove: () => Promise<void>
}

const isRoot = () => process.getuid?.() === 0

/** It does not run as root. It ends with whoever started it, even if that is killed. */
const asPostgres = (file: string, words: readonly string[]): [string, string[]] =>
  isRoot()
    ? [
        'setpriv',
        ['--reuid=postgres', '--regid=postgres', '--init-groups', '--pdeathsig=SIGQUIT', file, ...words],
      ]
    : [file, [...words]]

async function program(name: string, ...words: readonly string[]): Promise<void> {
  const folder = findPostgres()
  if (!folder) throw new Error('There is no PostgreSQL here: apt-get install postgresql')
  await run(...asPostgres(join(folder, name), words), { cwd: '/' })
}

/** A folder that the user `postgres` may write to where root runs the tests. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'reachable-postgres-'))
  give(folder)
  return folder
}

function give(folder: string): void {
  chmodSync(folder, 0o700)
  if (!isRoot()) return
  const [, , uid, gid] = /^postgres:(.*)$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0].split(':') ?? []
  chownSync(folder, Number(uid), Number(gid))
}

/** Makes a new cluster and starts it. Whoever calls it also calls `remove`. */
export async function createPostgres(options: PostgresOptions = {}): Promise<PostgresCluster> {
  const folder = newFolder()
  if (options.ownDisk !== undefined) {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${options.ownDisk}m`, 'tmpfs', folder])
    give(folder)
  }
  const data = join(folder, 'data')
  const locale = ['--encoding=UTF8', '--locale=C']
  await program(
    'initdb',
    `--pgdata=${data}`,
    '--username=postgres',
    '--auth=trust',
    '--no-sync',
    ...locale,
    '--wal-segsize=4',
  )
  return launch(folder, data, options)
}

/** Copies a cluster that runs, and starts the copy as a standby that follows it: its changes come as a stream. */
export async function createStandby(
  primary: PostgresCluster,
  options: PostgresOptions = {},
): Promise<PostgresCluster> {
  const folder = newFolder()
  const data = join(folder, 'data')
  await program(
    'pg_basebackup',
    ...[`--pgdata=${data}`, '--host=127.0.0.1', `--port=${primary.port}`, '--username=postgres'],
    ...['--checkpoint=fast', '--wal-method=stream', '--write-recovery-conf', '--no-sync'],
  )
  return launch(folder, data, options)
}

async function launch(folder: string, data: string, options: PostgresOptions): Promise<PostgresCluster> {
  const port = await freePort()
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 300,
    shared_buffers: '48MB',
    min_wal_size: '8MB',
    fsync: options.fsync ? 'on' : 'off',
    full_page_writes: options.fsync ? 'on' : 'off',
    jit: 'off',
    autovacuum_naptime: '10s',
    wal_keep_size: '256MB',
    // A node that was killed is forgotten soon, so that what it held is free for the others.
    tcp_keepalives_idle: 5,
    ...options.settings,
  }
  const words = [
    `--port=${port}`,
    ...['-D', data],
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  let child: ChildProcess | undefined
  const said: string[] = []

  const url = (database = 'postgres') => `postgres://postgres@127.0.0.1:${port}/${database}`
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null

  async function query(text: string, database?: string) {
    const client = new Client({ connectionString: url(database), connectionTimeoutMillis: 5_000 })
    // A server that ends tells its clients so, also those who are about to leave.
    client.on('error', () => {})
    await client.connect()
    try {
      const { rows } = await client.query(text)
      return rows as Record<string, unknown>[]
    } finally {
      await client.end().catch(() => {})
    }
  }

  async function untilReady(started: ChildProcess): Promise<void> {
    for (;;) {
      if (started.exitCode !== null || started.signalCode !== null)
        throw new Error(`PostgreSQL ended before it was ready:\n${said.join('')}`)
      const ready = await query('select 1').then(
        () => true,
        () => false,
      )
      if (ready) return
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  }

  async function start(): Promise<void> {
    const bin = findPostgres() ?? ''
    const started = spawn(...asPostgres(join(bin, 'postgres'), words), {
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child = started
    started.stderr?.on('data', (line) => {
      said.push(String(line))
      said.splice(0, said.length - 200)
    })
    await untilReady(started)
  }

  /** @param name SIGINT disconnects everybody and ends in order. */
  async function end(name: 'SIGINT' | 'SIGKILL'): Promise<void> {
    const ending = child
    if (!ending || !isRunning()) return
    const gone = once(ending, 'exit')
    if (name === 'SIGKILL') signal(processesOf(data), 'SIGKILL')
    else ending.kill(name)
    await gone
  }

  const cluster: PostgresCluster = {
    port,
    folder,
    url,
    query,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGINT'),
    start,
    freeze: () => signal(processesOf(data), 'SIGSTOP'),
    thaw: () => signal(processesOf(data), 'SIGCONT'),
    setReadOnly: async (is) => {
      await query(`alter system set default_transaction_read_only = ${is ? 'on' : 'off'}`)
      await query('select pg_reload_conf()')
    },
    isRunning,
    remove: async () => {
      await end('SIGKILL')
      if (options.ownDisk !== undefined) await run('umount', ['--lazy', folder])
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
  await start()
  return cluster
}
