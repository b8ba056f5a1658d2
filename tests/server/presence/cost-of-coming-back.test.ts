import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { hashOf } from '../../../server/accounts/secrets.ts'
import { openInProcessService } from '../support/in-process-nodes.ts'
import { sessionOf, settle } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'

test('R4.6 a device that comes back to a node costs its database six statements until it has its lease, where no gap is to be told', async () => {
  const service = await openInProcessService()
  onTestFinished(() => service.close())
  const node = await service.start()
  const username = `p${randomUUID().slice(0, 8)}`
  const person = { username, email: `${username}@clinic.example`, name: 'P', password: '' }
  const [userId = ''] = await settle(node, person)
  const device = randomUUID()
  const token = await sessionOf(node, person, device)
  const before = await connectDevice(node.url, token, device)
  await before.lease()
  before.close()
  const ended = service.db.selectFrom('reachability').select('until').where('userId', '=', userId)
  await expect.poll(async () => (await ended.executeTakeFirst())?.until ?? null).not.toBeNull()
  const session = await service.db.selectFrom('session').select('id').executeTakeFirst()

  // By what they are asked with: what the node does for itself goes on meanwhile.
  const its = new Set<unknown>([userId, device, session?.id, hashOf(token)])
  const asked: string[] = []
  const query = Client.prototype.query
  const spy = vi.spyOn(Client.prototype, 'query').mockImplementation(function (
    this: Client,
    ...given: unknown[]
  ) {
    const [text, parameters] = given as [string, unknown[] | undefined]
    if (parameters?.some((parameter) => its.has(parameter))) asked.push(text)
    return Reflect.apply(query, this, given)
  } as typeof query)
  onTestFinished(() => spy.mockRestore())
  const back = await connectDevice(node.url, token, device)
  const welcomed = asked.length
  await back.lease()
  expect([welcomed, asked.length - welcomed], asked.join('\n')).toEqual([3, 3])
})
