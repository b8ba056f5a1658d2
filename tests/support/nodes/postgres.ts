import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { Client } from 'pg'
import { inject, onTestFinished } from 'vitest'
import {
  createPostgres,
  createStandby,
  type PostgresCluster,
  type PostgresOptions,
} from './postgres-cluster.ts'
import { migratedTemplate } from './shared-postgres.ts'

export type { PostgresCluster, PostgresOptions } from './postgres-cluster.ts'

/** A PostgreSQL of the test's own, which it may kill, freeze, fill and make read-only. It ends with the test. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresCluster> {
  const cluster = await createPostgres(options)
  onTestFinished(() => cluster.remove())
  return cluster
}

/** A standby that follows `primary`, to be promoted by `select pg_promote()`. It ends with the test. */
export async function startStandby(
  primary: PostgresCluster,
  options: PostgresOptions = {},
): Promise<PostgresCluster> {
  const cluster = await createStandby(primary, options)
  onTestFinished(() => cluster.remove())
  return cluster
}

async function sharedUrl(socket: string): Promise<string> {
  const told = await text(connect(socket))
  if (!told.startsWith('postgres:')) throw new Error(told)
  return told
}

async function ask(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}

/**
 * A database in the one PostgreSQL of a whole run, and what takes it away.
 *
 * @param migrated with the tables of this version, where it would otherwise be empty. Without a run's PostgreSQL it is
 * empty all the same: whoever opens it makes them.
 */
export async function createDatabase({ migrated = false } = {}): Promise<{
  readonly url: string
  readonly drop: () => Promise<void>
}> {
  const socket = inject('postgres')
  const own = socket ? undefined : await createPostgres()
  const admin = own?.url() ?? (await sharedUrl(socket ?? ''))
  const name = `t${randomUUID().replaceAll('-', '')}`
  await ask(admin, `create database ${name}${socket && migrated ? ` template ${migratedTemplate}` : ''}`)
  const url = new URL(admin)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: async () => {
      if (own) await own.remove()
      else await ask(admin, `drop database if exists ${name} with (force)`).catch(() => {})
    },
  }
}

/** The address of an empty database for one test. It is gone after the test. */
export async function testPostgres(): Promise<string> {
  const { url, drop } = await createDatabase()
  onTestFinished(drop)
  return url
}

/** The same with the tables of this version, for what is not about how they come to be. */
export async function migratedPostgres(): Promise<string> {
  const { url, drop } = await createDatabase({ migrated: true })
  onTestFinished(drop)
  return url
}
