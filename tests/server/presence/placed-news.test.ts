import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import type { ServerMessage } from '../../../protocol/connection.ts'
import type { PlacedCall } from '../../../protocol/people.ts'
import type { PlacedNews } from '../../../server/calls/people-calls.ts'
import type { Connection } from '../../../server/presence/connection.ts'
import { createPlacedNews } from '../../../server/presence/placed-news.ts'

/** How one call of Ann’s stands, and what her device was told of it. */
function annsCall() {
  const frames: ServerMessage[] = []
  const device = {
    welcomed: true,
    identity: { userId: 'ann', device: 'd' },
    send: (frame: ServerMessage) => frames.push(frame),
  } as unknown as Connection
  let [now, fails, state, here] = [0, false, 'ringing' as PlacedCall['state'], [device]]
  const placedOf = vi.fn(async (): Promise<PlacedNews[]> => {
    if (fails) throw new Error('nothing can be read')
    const shown = state
    return [
      { id: 'c', standing: shown, isOver: false, shownOn: () => ({ id: 'c', state: shown }) as PlacedCall },
    ]
  })
  const news = createPlacedNews({
    calls: { placedOf },
    connections: () => here,
    clock: { monotonic: () => now },
    log: pino({ level: 'silent' }),
  })
  return {
    ...{ news, device, placedOf },
    told: () => frames.map((frame) => (frame.type === 'placed-call' ? frame.call.state : frame.type)),
    stands(next: PlacedCall['state']) {
      state = next
    },
    fail(failing: boolean) {
      fails = failing
    },
    leave() {
      here = []
      news.forget('ann')
    },
    come() {
      here = [device]
    },
    /** Ticks as a server does. */
    async pass(ms: number) {
      for (const until = now + ms; now < until; now += 100) {
        news.tick()
        await new Promise(setImmediate)
      }
    },
  }
}

test('PL1.2 how a call stands that could not be read is told once it can be, though nothing changes any more', async () => {
  const { news, told, stands, fail, pass } = annsCall()
  await news.changed('ann')
  expect(told()).toEqual(['ringing'])
  stands('waiting')
  fail(true)
  await news.changed('ann')
  await pass(5_000)
  expect(told()).toEqual(['ringing'])
  fail(false)
  await pass(1_500)
  expect(told()).toEqual(['ringing', 'waiting'])
  await pass(5_000)
  expect(told()).toEqual(['ringing', 'waiting'])
})

test('PL1.2 a device that comes back while nothing can be read is told too, and of who is gone nothing is read', async () => {
  const { news, device, told, fail, pass, placedOf, leave, come } = annsCall()
  await news.changed('ann')
  fail(true)
  await news.tell('ann', device)
  fail(false)
  await pass(1_500)
  expect(told()).toEqual(['ringing', 'ringing'])
  fail(true)
  await news.changed('ann')
  leave()
  const before = placedOf.mock.calls.length
  await pass(3_000)
  expect(placedOf.mock.calls).toHaveLength(before)
  // What was read while nobody was here was told to nobody.
  fail(false)
  await news.changed('ann')
  come()
  await news.changed('ann')
  expect(told()).toEqual(['ringing', 'ringing', 'ringing'])
})

test('PL3.5 a device that comes and is told how a call stands is told nothing more while that does not change', async () => {
  const { news, device, told, stands } = annsCall()
  await news.tell('ann', device)
  await news.changed('ann')
  expect(told()).toEqual(['ringing'])
  stands('waiting')
  await news.changed('ann')
  expect(told()).toEqual(['ringing', 'waiting'])
})

test('PL1.2 where one device could be told nothing all are told all, also after another has come', async () => {
  const { news, device, told, fail, pass } = annsCall()
  fail(true)
  await news.tell('ann', device)
  fail(false)
  await news.tell('ann', device)
  await pass(1_500)
  expect(told()).toEqual(['ringing', 'ringing'])
})
