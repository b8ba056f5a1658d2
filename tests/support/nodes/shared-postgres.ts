import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { createPostgres, type PostgresCluster } from './postgres-cluster.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The socket file at which a run's one PostgreSQL is asked for. */
    readonly postgres?: string
  }
}

interface Shared {
  readonly socket: string
  /** How many kinds of tests of this run may ask for it. */
  users: number
  readonly end: () => Promise<void>
}

/** One for all kinds of tests, though Vitest loads this file once for each. */
const runs = globalThis as { reachableSharedPostgres?: Shared }

/** A database of this version in the run's PostgreSQL, to be copied: to make its tables takes four times as long. */
export const migratedTemplate = 'migrated'

async function createShared(): Promise<PostgresCluster> {
  // Whoever only asks for it loads none of this.
  const [{ Client }, { openPostgres }] = await Promise.all([
    import('pg'),
    import('../../../server/database/open-postgres.ts'),
  ])
  const cluster = await createPostgres()
  const client = new Client({ connectionString: cluster.url() })
  await client.connect()
  await client.query(`create database ${migratedTemplate}`).finally(() => client.end())
  const url = new URL(cluster.url())
  url.pathname = `/${migratedTemplate}`
  await (await openPostgres(url.href)).destroy()
  return cluster
}

/** Waits at a socket file until somebody needs PostgreSQL, and starts it then: most runs of a few tests need none. */
async function share(): Promise<Shared> {
  const folder = mkdtempSync(join(tmpdir(), 'reachable-run-'))
  let cluster: Promise<PostgresCluster> | undefined
  const server = createServer((asker) => {
    cluster ??= createShared()
    asker.on('error', () => {})
    cluster.then(
      (started) => asker.end(started.url()),
      (error: unknown) => asker.end(`error: ${error instanceof Error ? error.message : error}`),
    )
  })
  const socket = join(folder, 'postgres')
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  server.unref()
  const end = async () => {
    server.close()
    await cluster?.then((started) => started.remove()).catch(() => {})
    rmSync(folder, { recursive: true, force: true })
  }
  return { socket, users: 0, end }
}

let sharing: Promise<Shared> | undefined

/** The name by which Vitest calls it as a `globalSetup`. @returns what ends it, after the last kind of tests. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  sharing ??= runs.reachableSharedPostgres ? Promise.resolve(runs.reachableSharedPostgres) : share()
  const shared = await sharing
  runs.reachableSharedPostgres = shared
  shared.users += 1
  project.provide('postgres', shared.socket)
  return async () => {
    shared.users -= 1
    if (shared.users > 0) return
    delete runs.reachableSharedPostgres
    sharing = undefined
    await shared.end()
  }
}
