import * as v from 'valibot'
import { expect, test } from 'vitest'
import { closeCodes } from '../../../protocol/close-codes.ts'
import { signInResponse } from '../../../protocol/http.ts'
import { defaultTiming } from '../../../protocol/timing.ts'
import { openAccount } from '../my-account/at-account.ts'
import { postFrom, trySignIn } from '../support/api-client.ts'
import { keyOf } from '../support/dpop-proofs.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, sessionOf } from '../support/people.ts'
import { connectDevice, openConnection, sendHello } from '../support/websocket-device.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

async function annSignedIn(env: Record<string, string> = {}, staySignedIn = false) {
  const server = await startInProcessServer({ env })
  await addPeople(server.dataDir, ann)
  const asked = { login: 'ann', password: ann.password, staySignedIn }
  const { token } = v.parse(signInResponse, await (await trySignIn(server, asked)).json())
  return { server, token }
}

/** Uses a session as the extension does. @returns whether it holds. */
const use = async (server: InProcessServer, token: string) =>
  (await postFrom(await keyOf('device-1'), server, '/api/account/link', {}, {}, token)).status === 200

test.each([
  ['7 days without "stay signed in"', {}, false, 7 * day, 6 * hour],
  ['365 days with it', {}, true, 365 * day, 20 * day],
  ['as configured', { SESSION_MAX_HOURS: '3', SESSION_HOURS: '2' }, false, 3 * hour, hour],
  ['as configured with it', { SESSION_MAX_DAYS: '5', SESSION_DAYS: '30' }, true, 5 * day, day],
] as const)('A2.9 a session that is used and used ends for good: %s', async (_, env, stays, most, every) => {
  const { server, token } = await annSignedIn(env, stays)
  let passed = 0
  const pass = (ms: number) => {
    passed += ms
    server.clock.setWall(ms)
  }
  for (; passed + every < most - minute; pass(every)) expect(await use(server, token)).toBe(true)
  pass(most - minute - passed)
  expect(await use(server, token), 'a minute before').toBe(true)
  pass(minute)
  expect(await use(server, token), 'at its end').toBe(false)
  const connection = await openConnection(server.url)
  await sendHello(connection, server.url, { token, device: 'device-1' })
  expect((await connection.closed()).code).toBe(closeCodes.sessionEnded.code)
})

test('A2.10 a lease is granted while the session outlasts it, and the next heartbeat is told that the session ended', async () => {
  const { server, token } = await annSignedIn({ SESSION_MAX_HOURS: '1', SESSION_HOURS: '1' })
  const { leaseFor } = defaultTiming
  server.clock.setWall(hour - leaseFor - 15_000)
  const pages = await openAccount(server, token)
  const device = await connectDevice(server.url, token, 'device-1')
  const other = await connectDevice(server.url, await sessionOf(server, ann, 'device-2'), 'device-2')
  const db = await server.db()
  const { expiresAt } = await db
    .selectFrom('session')
    .innerJoin('device', 'device.sessionId', 'session.id')
    .select('expiresAt')
    .where('device', '=', 'device-1')
    .executeTakeFirstOrThrow()
  let until = 0
  for (let passed = 0; passed < 10_000; passed += 5_000) {
    const lease = await device.lease()
    until = server.clock.wall() + lease.leaseFor
    expect(lease.leaseFor).toBe(leaseFor)
    expect(until).toBeLessThanOrEqual(Date.parse(expiresAt))
    server.clock.advance(5_000)
  }
  expect(Date.parse(expiresAt) - until, 'the last one').toBeLessThan(15_000)
  server.clock.advance(5_000)
  const lease = device.lease().catch(() => undefined)
  expect(await device.closed()).toEqual({ code: closeCodes.sessionEnded.code, reason: 'sessionEnded' })
  expect(await lease).toBeUndefined()
  expect((await other.lease()).leaseFor).toBe(leaseFor)

  expect((await pages.getPage()).status).toBe(200)
  server.clock.advance(leaseFor)
  expect((await pages.getPage()).status).toBe(403)
  expect(await use(server, token)).toBe(false)
})

test('A2.9 a shorter life holds for the sessions that are there, from the next start on', async () => {
  const { server, token } = await annSignedIn({}, true)
  const db = await server.db()
  const lives = async () => {
    const rows = await db
      .selectFrom('session')
      .innerJoin('device', 'device.sessionId', 'session.id')
      .select(['expiresAt', 'createdAt', 'device'])
      .orderBy('device')
      .execute()
    return rows.map((row) => [row.device, Date.parse(row.expiresAt) - Date.parse(row.createdAt)])
  }
  await sessionOf(server, ann, 'device-2')
  expect(await lives()).toEqual([
    ['device-1', 30 * day],
    ['device-2', 12 * hour],
  ])
  await server.close()
  const env = { SESSION_MAX_DAYS: '2', SESSION_MAX_HOURS: '24' }
  const again = await startInProcessServer({ dataDir: server.dataDir, env })
  expect(await lives()).toEqual([
    ['device-1', 2 * day],
    ['device-2', 12 * hour],
  ])
  expect(await use(again, token)).toBe(true)
})
