import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { post } from '../support/api-client.ts'
import { type InProcessService, openInProcessService } from '../support/in-process-nodes.ts'
import { sessionOf, settle } from '../support/people.ts'
import { testClock } from '../support/test-clock.ts'
import { connectDevice } from '../support/websocket-device.ts'
import { startReceiver } from '../webhooks/receiver.ts'

let service: InProcessService | undefined
afterAll(() => service?.close())

test('PN3.1 PN3.2 PN3.3 PN3.4 a device at any node makes its person reachable; of two nodes one tells, and when it goes the other', async () => {
  service = await openInProcessService()
  const { start, db } = service
  const env = { WEBHOOKS_PRIVATE: 'on' }
  const clocks = [testClock(), testClock()]
  const [one, other] = await Promise.all(clocks.map((clock) => start({ env, clock })))
  if (!one || !other) throw new Error('there are no nodes')
  const username = `ann-${randomUUID().slice(0, 8)}`
  const ann: NewAccount = { username, email: `${username}@clinic.example`, name: 'Ann', password: '' }
  const [userId = ''] = await settle(one, ann)
  const receiver = await startReceiver()
  const key = (await createApiKey(db, username, Date.now(), ['expected-calls', 'webhooks'])) ?? ''
  const headers = { authorization: `Bearer ${key}` }
  const events = ['expected-call.at-risk', 'expected-call.reachable']
  expect((await post(one, '/api/webhooks', { url: receiver.url, events }, headers)).status).toBe(201)
  const told = () => receiver.received.map(({ payload }) => payload.type.replace('expected-call.', ''))

  const deviceAt = async (node: typeof one) => {
    const device = randomUUID()
    const connection = await connectDevice(node.url, await sessionOf(node, ann, device), device)
    await connection.lease()
    return connection
  }
  /** Time passes for both nodes, ten times as fast as it does, as a device with its heartbeats sees it. */
  const passing = (what: () => unknown, device?: Awaited<ReturnType<typeof deviceAt>>) => {
    const step = async () => {
      for (const clock of clocks) clock.advance(2_700)
      await device?.lease()
      return what()
    }
    return expect.poll(step, { interval: 300, timeout: 60_000 })
  }
  const pass = async (ms: number, device?: Awaited<ReturnType<typeof deviceAt>>) => {
    const until = (clocks[1]?.monotonic() ?? 0) + ms
    await passing(() => (clocks[1]?.monotonic() ?? 0) > until, device).toBe(true)
  }

  const first = await deviceAt(other)
  const announced = await post(
    one,
    '/api/expected-calls',
    { to: username, at: Date.now() + 9 * 60_000 },
    headers,
  )
  expect(announced.status).toBe(201)
  await pass(75_000, first)
  expect(told()).toEqual([])
  first.send({ type: 'goodbye', why: 'exit' })
  await first.closed()
  await passing(told).toEqual(['at-risk'])
  const second = await deviceAt(one)
  await passing(told, second).toEqual(['at-risk', 'reachable'])
  second.send({ type: 'goodbye', why: 'exit' })
  await second.closed()
  // Nodes that hear one another no more know of nobody.
  for (const { toNats } of [one, other]) toNats.cut()
  await pass(60_000)
  expect(told()).toEqual(['at-risk', 'reachable'])
  for (const { toNats } of [one, other]) toNats.mend()
  // Whichever looked, the other does now.
  await one.close()
  await passing(told).toEqual(['at-risk', 'reachable', 'at-risk'])
  const mails = await db.selectFrom('mail').select('kind').where('userId', '=', userId).execute()
  expect(mails).toEqual([{ kind: 'expected' }])
}, 180_000)
