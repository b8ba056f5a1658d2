import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { readOperatorFile } from '../../../server/operator-file.ts'
import { startServer } from '../../support/server/start-server.ts'
import { callerOf, post } from '../support/api-client.ts'
import { asTestServer } from '../support/as-test-server.ts'
import { ann, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'

/** Lets a process write files no longer than so many bytes: what a full disk does, without filling one. */
const limitFiles = (pid: number, bytes: string) =>
  promisify(execFile)('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`])

test('T3.3 L5.7 D2.1 while the disk is full nobody is told that calls get through, and all is well when it has room', async () => {
  const child = await startServer({ LOG_LEVEL: 'info' })
  const server = asTestServer(child)
  const pid = readOperatorFile(join(server.dataDir, 'operator.json'))?.pid ?? 0
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  await limitFiles(pid, '1')

  const refused = await post(server, '/api/calls', { to: 'ann' }, callerOf(server).authorization)
  expect([refused.status, await refused.json()]).toMatchObject([503, { error: 'storage' }])
  expect(await device.next('no-lease')).toMatchObject({ why: 'storage' })
  device.send({ type: 'heartbeat', n: 1_000 })
  expect(await device.next('no-lease')).toEqual({ type: 'no-lease', n: 1_000, why: 'storage' })
  expect((await fetch(`${server.url}/ready`)).status).toBe(503)
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
  const signIn = { login: 'ann', password: 'x', staySignedIn: false, device: 'd' }
  expect(await (await post(server, '/api/session', signIn)).json()).toMatchObject({ error: 'storage' })
  expect(device.received.filter(({ type }) => type === 'ring')).toEqual([])

  await limitFiles(pid, 'unlimited')
  await expect.poll(async () => (await fetch(`${server.url}/ready`)).status, { timeout: 5_000 }).toBe(200)
  // Calls were refused meanwhile: whoever comes back is not told that there were none.
  const db = await server.db()
  expect(await db.selectFrom('serverAway').select('from').execute()).toHaveLength(1)
  await callerOf(server).place('ann')
  expect((await device.lease()).gap).toMatchObject({ missed: 1, recorded: false })
  const placing = callerOf(server).place('ann')
  device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  expect(await placing).toMatchObject({ disposition: 'ringing', devices: 1 })
})

test('T3.3 a disk that fills up is noticed without any call being placed', async () => {
  const child = await startServer()
  const server = asTestServer(child)
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  const pid = readOperatorFile(join(server.dataDir, 'operator.json'))?.pid ?? 0
  await limitFiles(pid, '1')
  const began = performance.now()
  expect(await device.next('no-lease')).toMatchObject({ why: 'storage' })
  expect(performance.now() - began).toBeLessThan(5_000)
})
