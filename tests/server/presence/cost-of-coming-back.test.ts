import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { hashOf } from '../../../server/accounts/secrets.ts'
import { gone } from '../support/connection-places.ts'
import { openInProcessService } from '../support/in-process-nodes.ts'
import { sessionOf, settle } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'

test('R4.6 a device that comes back to a node costs its database four statements until it has its lease, where no gap is to be told', async () => {
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
  const untilGone = async () => {
    await expect.poll(async () => (await ended.executeTakeFirst())?.until, { timeout: 5_000 }).toBeTruthy()
    await gone(service.db, device)
  }
  await untilGone()
  const session = await service.db.selectFrom('session').select('id').executeTakeFirst()

  // By what they are asked with: what the node does for itself goes on meanwhile.
  const its = new Set<unknown>([userId, device, session?.id, hashOf(token)])
  const asked: string[] = []
  const query = Client.prototype.query
  const spy = vi.spyOn(Client.prototype, 'query').mockImplementation(function (
    this: Client,
    ...given: unknown[]
  ) {
    const [first, second = []] = given as [string | { text: string; values?: unknown[] }, unknown[]?]
    const [text, parameters] = typeof first === 'string' ? [first, second] : [first.text, first.values ?? []]
    // The write probe tries whether a call of somebody could be written.
    const isRehearsal = text.startsWith('insert into "call"')
    if (!isRehearsal && parameters.flat().some((parameter) => its.has(parameter))) asked.push(text)
    return Reflect.apply(query, this, given)
  } as typeof query)
  onTestFinished(() => spy.mockRestore())
  const cost = async () => {
    asked.length = 0
    const back = await connectDevice(node.url, token, device)
    const welcomed = asked.length
    await back.lease()
    expect([welcomed, asked.length - welcomed], asked.join('\n')).toEqual([3, 1])
    back.close()
    await untilGone()
  }
  await cost()
  // As it is when its node was killed.
  const left = { node: randomUUID(), goneAt: null }
  await service.db.updateTable('connectionOrder').set(left).where('device', '=', device).execute()
  await cost()
})
