import { Socket } from 'node:net'
import { sql } from 'kysely'
import { DatabaseError, Pool, type PoolConfig, types } from 'pg'
import { certificateProblem } from '../certificate-error.ts'
import { StartupError } from '../startup-error.ts'
import { migrate } from './migrate.ts'
import { PostgresDatabase } from './postgres-database.ts'
import { DatabaseLost, sqlStateOf } from './sql-state.ts'
import type { Database } from './tables.ts'

/** A statement that takes longer, in ms, has failed: PostgreSQL ends it, and where it hangs we wait no longer. */
const statementWithin = 3_000
const answerWithin = 3_500
/** For so long, in ms, a connection is waited for, and a row that another transaction has. */
const connectWithin = 3_000
const lockWithin = 2_500
/** A transaction in which nobody asks anything for so long, in ms, is of a node that hangs; it keeps rows from the others. */
const idleWithin = 3_000
/** Making tables may take so long, in ms, and so may waiting for another node that makes them. */
const migrateWithin = 600_000
/** A PostgreSQL that starts is waited for, in ms. */
const startWithin = 30_000

const oldestVersion = 130_000

export interface PostgresOptions {
  /** How PostgreSQL's own views name whoever asks. */
  readonly applicationName?: string
  /** How many connections there are at most, besides those of the lanes. */
  readonly connections?: number
  /** What it throws besides PostgreSQL's own errors is thrown on. */
  readonly bringUpToDate?: (db: Database) => Promise<void>
  /** Told of every statement that fails, also of those whose failure somebody deals with; not of what is tried again. */
  readonly onError?: (error: unknown) => void
}

/** How many connections each lane has at most. */
const lanes = { probe: 1, calls: 3, counts: 2 }

/**
 * Opens a database of PostgreSQL and brings its tables up to date. Every transaction, and every statement outside one,
 * happens as if it were alone (serializable; but for two lanes, see `laneOf`), and is tried again when it could not: so
 * what a transaction does besides asking the database, it may do many times. Connections are made as they are needed.
 *
 * @param databaseUrl `postgres://user:password@host:port/database`; `?sslmode=verify-full` for TLS.
 * @throws StartupError that says which database and what to do, and never the password.
 */
export async function openPostgres(
  databaseUrl: string,
  { applicationName = 'reachable', connections = 6, bringUpToDate = migrate, onError }: PostgresOptions = {},
): Promise<Database> {
  const name = nameOf(databaseUrl)
  const poolOf = (
    max: number,
    within: number,
    isolation: Isolation = 'serializable',
    more: PoolConfig = {},
  ) => {
    const pool = new Pool({
      ...more,
      ...configOf(databaseUrl, within, isolation),
      application_name: applicationName,
      max,
      connectionTimeoutMillis: connectWithin,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
    })
    // Of a connection that nobody uses: the next one who asks gets another.
    pool.on('error', () => {})
    return pool
  }
  const { stream, end } = endableSockets()
  const first = new PostgresDatabase(poolOf(2, migrateWithin, 'serializable', { stream }), onError)
  let isFit = false
  try {
    await untilStarted(first)
    await refuseUnfit(first, name)
    isFit = true
    await bringUpToDate(first)
  } catch (cause) {
    throw isFit && !isOfPostgres(cause) ? cause : startupError(cause, name)
  } finally {
    await first.destroy()
    end()
  }
  const lane = (max: number, isolation: Isolation) =>
    new PostgresDatabase(poolOf(max, statementWithin, isolation), onError)
  return new PostgresDatabase(poolOf(connections, statementWithin), onError, {
    probe: lane(lanes.probe, 'serializable'),
    calls: lane(lanes.calls, 'read committed'),
    counts: lane(lanes.counts, 'read committed'),
  })
}

type Isolation = 'serializable' | 'read committed'

/** The driver leaves open what it gave up in the middle of a log-in, and whoever could not start would not end. */
function endableSockets() {
  const sockets = new Set<Socket>()
  return {
    stream: () => {
      const socket = new Socket()
      sockets.add(socket)
      return socket
    },
    end: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}

function configOf(databaseUrl: string, within: number, isolation: Isolation) {
  const url = new URL(databaseUrl)
  const settings = {
    // A space is escaped, since it parts one setting from the next.
    default_transaction_isolation: isolation.replace(' ', '\\ '),
    // What a transaction looked at is what others must not change: it should look at few rows, and not at whole tables.
    enable_seqscan: 'off',
    jit: 'off',
    statement_timeout: within,
    lock_timeout: within === statementWithin ? lockWithin : within,
    idle_in_transaction_session_timeout: within === statementWithin ? idleWithin : within,
    tcp_keepalives_idle: 5,
    tcp_keepalives_interval: 2,
    tcp_keepalives_count: 3,
  }
  const options = Object.entries(settings).map(([key, value]) => `-c ${key}=${value}`)
  // The driver takes these for the strictest of them, and warns that it may not for ever.
  if (/^(prefer|require|verify-ca)$/.test(url.searchParams.get('sslmode') ?? ''))
    url.searchParams.set('sslmode', 'verify-full')
  url.searchParams.set('options', [url.searchParams.get('options') ?? '', ...options].join(' ').trim())
  return {
    // Spaces are %20 here: a plus is one to whoever reads forms, and a plus to others.
    connectionString: url.href.replaceAll('+', '%20'),
    query_timeout: within === statementWithin ? answerWithin : within,
    types: { getTypeParser },
  }
}

const { builtins } = types

/** Numbers and truth as SQLite gives them: a count, a sum or a time in ms is a number, and what is so is 1. */
const getTypeParser: typeof types.getTypeParser = ((oid: number, format?: 'text' | 'binary') => {
  if (oid === builtins.INT8 || oid === builtins.NUMERIC) return Number
  if (oid === builtins.BOOL) return (value: string) => (value === 't' ? 1 : 0)
  return types.getTypeParser(oid, format as 'text')
}) as typeof types.getTypeParser

/** Where it is and what it is called. */
function nameOf(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl)
  return `${decodeURIComponent(pathname.slice(1))} at ${host}`
}

async function untilStarted(db: Database): Promise<void> {
  const began = performance.now()
  for (;;) {
    try {
      await sql`select 1`.execute(db)
      return
    } catch (error) {
      // cannot_connect_now: it starts, or takes up what was written before it died.
      if (sqlStateOf(error) !== '57P03' || performance.now() - began > startWithin) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function refuseUnfit(db: Database, name: string): Promise<void> {
  const { rows } = await sql<{
    encoding: string
    readOnly: string
    version: string
  }>`select current_setting('server_encoding') as encoding, current_setting('transaction_read_only') as "readOnly",
    current_setting('server_version_num') as version`.execute(db)
  const [{ encoding, readOnly, version } = { encoding: '', readOnly: '', version: '' }] = rows
  if (Number(version) < oldestVersion)
    throw new StartupError(`The database ${name} is of PostgreSQL ${version}. Use version 13 or a newer one.`)
  if (encoding !== 'UTF8')
    throw new StartupError(
      `The database ${name} keeps texts as ${encoding}, in which not every name can be written. Make one with encoding UTF8.`,
    )
  if (readOnly === 'on')
    throw new StartupError(
      `The database ${name} can only be read: it is a standby, or set to be read-only. Set DATABASE_URL to the one that is written to.`,
    )
}

const advice: Readonly<Record<string, string>> = {
  '28P01': 'PostgreSQL refused the password. Check the user and the password in DATABASE_URL.',
  '28000': 'PostgreSQL did not let the user in. Check the user in DATABASE_URL, and pg_hba.conf.',
  '3D000': 'There is no such database. Create it, or check its name in DATABASE_URL.',
  '42501': 'The user may not make tables in it. Make the user the owner of the database.',
  '53300': 'PostgreSQL has no connection left. Raise its max_connections.',
  '0A000': 'It can only be read: it is a standby. Set DATABASE_URL to the one that is written to.',
  '25006': 'It can only be read. Set DATABASE_URL to the one that is written to.',
  '57P03': 'PostgreSQL is still starting. Try again when it is ready.',
}

const isOfPostgres = (error: unknown): boolean =>
  error instanceof DatabaseLost || sqlStateOf(error) !== undefined

function startupError(cause: unknown, name: string): unknown {
  if (cause instanceof StartupError || !(cause instanceof Error)) return cause
  const state = sqlStateOf(cause)
  const known = state === undefined ? undefined : advice[state]
  if (known !== undefined) return new StartupError(`The database ${name} cannot be used. ${known}`)
  if (cause instanceof DatabaseError)
    return new StartupError(`The database ${name} cannot be used (${cause.message}).`)
  const untrusted = certificateProblem(cause)
  if (untrusted !== undefined)
    return new StartupError(
      `The database ${name} cannot be used: ${untrusted}. Have DATABASE_URL name the host that is in it, and the file of the authority that signed it: ?sslmode=verify-full&sslrootcert=/etc/ssl/db-ca.pem.`,
    )
  return new StartupError(
    `The database ${name} cannot be reached (${cause.message}). Check that PostgreSQL runs, and host, port, password and TLS (sslmode) in DATABASE_URL.`,
  )
}
