import { expect, test } from 'vitest'
import { allReplies } from '../../server/bus/bus.ts'
import { createInProcessBus } from '../../server/bus/in-process-bus.ts'
import { busContract } from './bus.ts'

busContract(async () => createInProcessBus())

test('B2.1 an error of a handler is told to whoever made the bus', async () => {
  const faults: unknown[] = []
  const bus = createInProcessBus((subject, fault) => faults.push([subject, fault]))
  const fault = new Error('on purpose')
  bus.subscribe('person.ann', () => Promise.reject(fault))
  await allReplies(bus.request('person.ann', null, { within: 1_000 }))
  expect(faults).toEqual([['person.ann', fault]])
})
