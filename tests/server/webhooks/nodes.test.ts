import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { callerOf, post } from '../support/api-client.ts'
import {
  type InProcessNode,
  type InProcessService,
  openInProcessService,
} from '../support/in-process-nodes.ts'
import { settle } from '../support/people.ts'
import { startReceiver } from './receiver.ts'

const env = { WEBHOOKS_PRIVATE: 'on', CALLS_PER_MINUTE: '60000', CALLS_PER_MINUTE_TO_ONE: '60000' }

let service: InProcessService
let nodes: InProcessNode[]

beforeAll(async () => {
  service = await openInProcessService()
  nodes = await Promise.all([service.start({ env }), service.start({ env })])
})
afterAll(() => service?.close())

test('PP3.1 of two nodes one sends each event, whichever the call was placed at', async () => {
  const [one, other] = nodes
  if (!one || !other) throw new Error('there are no nodes')
  const username = `ann-${randomUUID().slice(0, 8)}`
  const ann: NewAccount = { username, email: `${username}@clinic.example`, name: 'Ann', password: '' }
  await settle(one, ann)
  const receiver = await startReceiver()
  const key = (await createApiKey(service.db, username, Date.now(), ['calls', 'webhooks'])) ?? ''
  const headers = { authorization: `Bearer ${key}` }
  const made = await post(other, '/api/webhooks', { url: receiver.url, events: ['call.ended'] }, headers)
  expect(made.status).toBe(201)
  const many = 40
  const placed = await Promise.all(
    Array.from({ length: many }, (_, n) =>
      callerOf({ url: (n % 2 === 0 ? one : other).url, operatorKey: key }).place(username),
    ),
  )
  const told = () => receiver.received.map(({ payload }) => ('id' in payload.data ? payload.data.id : ''))
  await expect.poll(() => told().length, { timeout: 20_000 }).toBe(many)
  // Both have looked again, and found nothing more to send.
  await expect
    .poll(
      async () =>
        (
          await service.db
            .selectFrom('webhookDelivery')
            .select('id')
            .where('nextAt', 'is not', null)
            .execute()
        ).length,
    )
    .toBe(0)
  expect(told().toSorted()).toEqual(placed.map(({ id }) => id).toSorted())
})
