import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import { startNats } from '../../support/nodes/nats.ts'
import { migratedPostgres } from '../../support/nodes/postgres.ts'
import { startServer } from '../../support/server/start-server.ts'
import { asTestServer } from '../support/as-test-server.ts'
import { ann, sessionOf, settle } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'

test('R6.1 SIGTERM has the devices of a node move, and a second one ends it at once', async () => {
  const [nats, DATABASE_URL] = await Promise.all([startNats(), migratedPostgres()])
  const child = await startServer({
    DATABASE_URL,
    NATS_URL: nats.url,
    AUTH_SECRET: randomUUID(),
    PUBLIC_URL: 'https://reachable.example',
    DRAIN_SECONDS: '60',
  })
  const db = await openPostgres(DATABASE_URL, { connections: 1 })
  const server = { ...asTestServer(child), db: async () => db }
  await settle(server, ann)
  const device = await connectDevice(server.url, await sessionOf(server, ann, 'device-1'), 'device-1')
  await device.lease()
  const drained = child.stop()
  await device.next('move')
  await device.lease()
  const began = performance.now()
  const ended = child.stop()
  expect(await device.closed()).toEqual({ code: 4503, reason: 'serverStopping' })
  await Promise.all([drained, ended])
  expect(performance.now() - began).toBeLessThan(3_000)
  await db.destroy()
})
