import { expect, onTestFinished, test } from 'vitest'
import type { Call } from '../../../protocol/http.ts'
import { addSignedInPeople } from '../../bench/load/signed-in-people.ts'
import { openCallClient } from '../server/call-client.ts'
import { startServer } from '../server/start-server.ts'
import type { CallerRecord } from './caller.ts'
import { type FleetDevice, openFleetDevice } from './fleet-device.ts'
import { greenWithin, judge, longestOff } from './ledger.ts'

type Row = Parameters<typeof judge>[2][number]
type CallState = Call['state']

const record = (ends: readonly CallState[] = ['answered']): CallerRecord => ({
  ...{ key: 'k', to: 'ann', askedAt: 0, id: 'c', told: [], gaveUp: undefined, cancelled: false, retries: 0 },
  ends: ends.map((state) => ({ state }) as Call),
})
const row = (more: Partial<Row> = {}): Row => ({
  id: 'c',
  idempotencyKey: 'k',
  state: 'answered',
  byDevice: 'd',
  ...more,
})
const device = (outcome: CallState | undefined, here = true, name = 'd') =>
  ({
    person: { device: name },
    light: [],
    calls: new Map([
      ['c', { id: 'c', rungAt: [1], pressed: 'answer', ends: outcome ? [{ outcome, here }] : [] }],
    ]),
  }) as unknown as FleetDevice

test('H7.7 the ledger finds a call that was lost, doubled, or of which two sides say different things', () => {
  const found = (...all: Parameters<typeof judge>) => {
    const { lost, doubled, disagreeing } = judge(...all)
    return [lost.length, doubled.length, disagreeing.length]
  }
  expect(found([record()], [device('answered')], [row()])).toEqual([0, 0, 0])
  expect(found([record()], [], [])).toEqual([1, 0, 0])
  expect(found([record([])], [device('answered')], [row()])).toEqual([1, 0, 0])
  expect(found([record()], [device('answered')], [row(), row({ id: 'e' })])).toEqual([0, 1, 0])
  expect(found([record()], [device('answered'), device('answered', true, 'e')], [row()])).toEqual([0, 1, 1])
  expect(found([record(['answered', 'missed'])], [device('answered')], [row()])).toEqual([0, 1, 1])
  expect(found([record(['missed'])], [device('answered')], [row()])).toEqual([0, 0, 1])
  expect(found([record()], [device(undefined)], [row()])).toEqual([0, 0, 1])
  expect(found([record()], [device('cancelled', false)], [row()])).toEqual([0, 0, 1])
})

test('H7.7 it says for how long a light was on, and for how long at once it was off', () => {
  const light = [
    { at: 100, green: true },
    { at: 200, green: false },
    { at: 250, green: true },
  ]
  expect(greenWithin({ light }, 150, 300)).toBe(100)
  expect(longestOff({ light }, 150, 300)).toBe(50)
  expect(longestOff({ light }, 0, 300)).toBe(100)
})

test('H7.7 a device of the fleet is green, rings, answers and comes back as the extension does', async () => {
  const server = await startServer()
  const [person] = await addSignedInPeople(server.dataDir, 1)
  if (!person) throw new Error('nobody')
  const { url } = server
  const one = openFleetDevice({ url, person, onRing: (call, rung) => rung.press(call, 'answer') })
  onTestFinished(() => one.close())
  await expect.poll(one.isGreen).toBe(true)
  const client = await openCallClient(server)
  const { id } = await client.call(person.username)
  await expect.poll(async () => (await client.get(id)).state).toBe('answered')
  await expect.poll(() => one.calls.get(id)?.ends).toMatchObject([{ outcome: 'answered', here: true }])
  await server.kill()
  await expect.poll(one.isGreen).toBe(false)
  await server.restart()
  await expect.poll(one.isGreen, { timeout: 15_000 }).toBe(true)
})
