import { expect, test } from 'vitest'
import { allReplies } from '../../server/bus/bus.ts'
import { createInProcessBus } from '../../server/bus/in-process-bus.ts'
import { busContract } from './bus.ts'

busContract(
  async () => {
    const bus = createInProcessBus()
    return [bus, bus]
  },
  async (bus) => bus,
)

test('B2.1 an error of a handler is told to whoever made the bus', async () => {
  const faults: unknown[] = []
  const bus = createInProcessBus((subject, fault) => faults.push([subject, fault]))
  const fault = new Error('on purpose')
  bus.subscribe('person.ann', () => Promise.reject(fault))
  await allReplies(bus.request('person.ann', null, { within: 1_000 }))
  expect(faults).toEqual([['person.ann', fault]])
})

test('B2.2 in process a request ends when its last subscriber is done, with or without a reply', async () => {
  const bus = createInProcessBus()
  bus.subscribe('person.ann', async () => undefined)
  bus.subscribe('person.ann', () => 'one')
  bus.subscribe('person.ann', () => Promise.reject(new Error('on purpose')))
  const began = performance.now()
  expect(await allReplies(bus.request('person.ann', null, { within: 60_000 }))).toEqual(['one'])
  expect(performance.now() - began).toBeLessThan(1_000)
})
