import { expect, test } from 'vitest'
import { lookedAtWithin } from '../../../server/accounts/known-sessions.ts'
import type { Bus } from '../../../server/bus/bus.ts'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import { post } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, sessionOf, settle } from '../support/people.ts'
import { connectDevice, reachableDevice } from '../support/websocket-device.ts'

/** The real bus of a server, but that what says that sessions have changed is lost on it. */
function forgetfulBus() {
  const real = createInProcessBus()
  let lost = 0
  const publish: Bus['publish'] = (subject, payload) => {
    if (JSON.stringify(payload).includes('sessions-changed')) lost += 1
    else real.publish(subject, payload)
  }
  return { bus: { ...real, publish }, lost: () => lost }
}

async function deviceWithRevokedSession(bus?: Bus) {
  const server = await startInProcessServer(bus ? { bus } : {})
  const [id] = await settle(server, ann)
  const revoked = await reachableDevice(server, ann, 'device-1')
  const other = await reachableDevice(server, ann, 'device-2')
  const db = await server.db()
  const device = db.selectFrom('device').select('sessionId').where('device', '=', 'device-1')
  await db.deleteFrom('session').where('id', 'in', device).execute()
  const authorization = { authorization: `Bearer ${server.operatorKey}` }
  expect((await post(server, '/api/operator/recheck', { user: id }, authorization)).status).toBe(204)
  return { server, revoked, other }
}

test('L4.4 a session that was ended is felt within 1 s, though nobody asked for a lease', async () => {
  const { revoked, other } = await deviceWithRevokedSession()
  const began = performance.now()
  expect(await revoked.closed()).toEqual({ code: 4401, reason: 'sessionEnded' })
  expect(performance.now() - began).toBeLessThan(1_000)
  await other.lease()
})

test('L4.4 where nobody hears that a session was ended, it is felt within 10 s all the same', async () => {
  const { bus, lost } = forgetfulBus()
  const { server, revoked, other } = await deviceWithRevokedSession(bus)
  expect(lost()).toBe(1)
  // What was read a moment ago is still believed.
  await revoked.lease()
  server.clock.advance(lookedAtWithin)
  expect(await revoked.closed()).toEqual({ code: 4401, reason: 'sessionEnded' })
  await other.lease()
})

test('L4.4 a heartbeat beyond those 10 s is granted nothing by what was known', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await connectDevice(server.url, await sessionOf(server, ann, 'device-1'), 'device-1')
  await device.lease()
  await (await server.db()).deleteFrom('session').execute()
  server.clock.advance(lookedAtWithin)
  device.send({ type: 'heartbeat', n: 77 })
  expect(await device.closed()).toEqual({ code: 4401, reason: 'sessionEnded' })
  expect(device.received).not.toContainEqual(expect.objectContaining({ type: 'lease', n: 77 }))
})
