import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { findPostgres } from '../../../scripts/nodes/ensure-node-services.ts'
import { inRoot } from '../../../scripts/root.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import { startNats } from '../../support/nodes/nats.ts'
import { testPostgres } from '../../support/nodes/postgres.ts'
import { startServer } from '../../support/server/start-server.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { asTestServer } from '../support/as-test-server.ts'
import { ann, sessionOf, settle } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'

const run = promisify(execFile)
const publicUrl = 'https://reachable.example'

/** Makes what docs/DEPLOYING.md has a superuser make, for a user who may do nothing else. @returns its address, for that user. */
async function emptyDatabaseAsDocumented(superusers: string): Promise<string> {
  const docs = readFileSync(inRoot('docs', 'DEPLOYING.md'), 'utf8')
  const documented = /psql --command="(create database restored owner reachable [^"]+)"/.exec(docs)?.[1] ?? ''
  expect(documented).not.toBe('')
  const name = `restored_${randomUUID().replaceAll('-', '')}`
  const db = await openPostgres(superusers, { connections: 1, bringUpToDate: async () => {} })
  onTestFinished(async () => {
    await sql`drop database if exists ${sql.id(name)} with (force)`.execute(db)
    await sql`drop role if exists ${sql.id(name)}`.execute(db)
    await db.destroy()
  })
  await sql`create role ${sql.id(name)} login`.execute(db)
  await sql.raw(documented.replace('restored owner reachable', `${name} owner ${name}`)).execute(db)
  const url = new URL(superusers)
  url.username = name
  url.pathname = `/${name}`
  return url.href
}

test('F2.2 from a copy of SQLite that was made while the server ran, a server starts, and who was logged in is reachable', async () => {
  const first = await startServer({ PUBLIC_URL: publicUrl })
  const server = asTestServer(first)
  await settle(server, ann)
  const session = await sessionOf(server, ann, 'device-1')
  const device = await connectDevice(first.url, session, 'device-1')
  await device.lease()

  const dataDir = join(temporaryFolder(), 'data')
  mkdirSync(dataDir, { mode: 0o700 })
  const source = new DatabaseSync(join(first.dataDir, 'reachable.db'))
  // What `.backup` of sqlite3 does.
  await backup(source, join(dataDir, 'reachable.db'))
  source.close()
  copyFileSync(join(first.dataDir, 'secret'), join(dataDir, 'secret'))
  await first.kill()

  const second = await startServer({ PUBLIC_URL: publicUrl, DATA_DIR: dataDir })
  const again = await connectDevice(second.url, session, 'device-1')
  await again.lease()
  await second.kill()

  // What docs/OPERATING.md says of another secret.
  const third = await startServer({ PUBLIC_URL: publicUrl, DATA_DIR: dataDir, AUTH_SECRET: 'o'.repeat(32) })
  const still = await connectDevice(third.url, session, 'device-1')
  await still.lease()
})

test('F2.2 from a copy of PostgreSQL that was made while a node ran, a node starts, and who was logged in is reachable', async () => {
  const bin = findPostgres() ?? ''
  const [nats, firstUrl] = await Promise.all([startNats(), testPostgres()])
  const settings = { NATS_URL: nats.url, AUTH_SECRET: randomUUID(), PUBLIC_URL: publicUrl }
  const first = await startServer({ ...settings, DATABASE_URL: firstUrl })
  const db = await openPostgres(firstUrl, { connections: 1 })
  onTestFinished(() => db.destroy())
  const server = { ...asTestServer(first), db: async () => db }
  await settle(server, ann)
  const session = await sessionOf(server, ann, 'device-1')
  const device = await connectDevice(first.url, session, 'device-1')
  await device.lease()

  const file = join(temporaryFolder(), 'reachable.dump')
  await run(join(bin, 'pg_dump'), ['--format=custom', `--file=${file}`, firstUrl])
  await first.kill()
  const secondUrl = await emptyDatabaseAsDocumented(firstUrl)
  await run(join(bin, 'pg_restore'), ['--no-owner', '--exit-on-error', `--dbname=${secondUrl}`, file])

  const second = await startServer({ ...settings, DATABASE_URL: secondUrl })
  const again = await connectDevice(second.url, session, 'device-1')
  await again.lease()
})
