import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import {
  type InProcessNode,
  type InProcessService,
  openInProcessService,
} from '../support/in-process-nodes.ts'
import { settle } from '../support/people.ts'
import { peopleDevice } from './people-device.ts'
import { befriended, type WatchingDevice, watchingDevice } from './watching-device.ts'

let service: InProcessService
let one: InProcessNode
let other: InProcessNode

beforeAll(async () => {
  service = await openInProcessService()
  ;[one, other] = await Promise.all([service.start(), service.start()])
})
afterAll(() => service?.close())

/** Two who are contacts, of this test alone, and a device of the first that watches at a node. */
async function pair(at: InProcessNode) {
  const [ann, ben] = ['Ann', 'Ben'].map((name): NewAccount => {
    const username = `${name}-${randomUUID().slice(0, 8)}`
    return { username, email: `${username}@clinic.example`, name, password: '' }
  })
  if (!ann || !ben) throw new Error('there is nobody')
  const [annId = '', benId = ''] = await settle(at, ann, ben)
  await befriended(at, ann, ben)
  const watcher = await watchingDevice(at, ann, randomUUID())
  const benAt = async (node: InProcessNode) => {
    const device = await peopleDevice(node, ben, randomUUID())
    await device.lease()
    return device
  }
  return { annId, benId, watcher, benAt }
}

/** Offline, or unknown while a node has not been up for long. */
const seesNobody = (watcher: WatchingDevice, id: string) =>
  expect.poll(() => ['offline', 'unknown'].includes(watcher.sees(id))).toBe(true)

test('PW2.7 PW2.2 a contact at another node is seen, as are their gains, losses, heartbeats and choices there', async () => {
  const { annId, benId, watcher, benAt } = await pair(one)
  const first = await benAt(other)
  await watcher.watch('all')
  await watcher.until(benId, 'available')
  await first.request({ what: 'set-status', status: 'away', until: null })
  await watcher.until(benId, 'away')
  await first.request({ what: 'set-status', status: 'available', until: null })
  await watcher.until(benId, 'available')
  // Who is at two nodes is there until the last is gone.
  const second = await benAt(one)
  first.send({ type: 'goodbye', why: 'exit' })
  await first.closed()
  second.send({ type: 'idle', state: 'idle' })
  await watcher.until(benId, 'away')
  second.send({ type: 'goodbye', why: 'exit' })
  await seesNobody(watcher, benId)
  // Who comes while somebody watches goes on being told of, though that node was not asked.
  const third = await benAt(other)
  await watcher.until(benId, 'available')
  const told = watcher.frames.length
  await third.lease()
  await expect
    .poll(() => watcher.frames.slice(told).some(({ of }) => of.some(({ contact }) => contact === benId)))
    .toBe(true)
  await third.request({ what: 'change-contact', contact: annId, change: 'block' })
  await seesNobody(watcher, benId)
})

test('PW2.3 PW2.7 while the watcher’s node has lost the bus nothing is known of anybody, and what is so is seen once it is back', async () => {
  const { benId, watcher, benAt } = await pair(one)
  const first = await benAt(other)
  await watcher.watch('all')
  await watcher.until(benId, 'available')
  one.toNats.cut()
  await watcher.until(benId, 'unknown')
  await first.request({ what: 'set-status', status: 'away', until: null })
  one.toNats.mend()
  await watcher.until(benId, 'away')
})
