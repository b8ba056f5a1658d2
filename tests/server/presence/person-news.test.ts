import fc from 'fast-check'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { MissedCall, ServerMessage } from '../../../protocol/connection.ts'
import type { Connection } from '../../../server/presence/connection.ts'
import { createPersonNews } from '../../../server/presence/person-news.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'
import { testClock } from '../support/test-clock.ts'

/** So many calls are missed, by which a list is told from the others. */
const listOf = (many: number): MissedCall[] =>
  Array.from({ length: many }, (_, n) => ({ id: `${n}`, from: 'Dr Bell', at: n, why: 'no-answer' }))

/** A connection of Ann's that keeps what it is told. */
function device(id: string, welcomed = true) {
  const told: number[] = []
  const take = (message: ServerMessage) => {
    if (message.type === 'missed') told.push(message.missed.length)
  }
  const connection = {
    ...{ id, welcomed, stale: false },
    send: take,
    sendFrame: (frame: string) => take(JSON.parse(frame)),
  }
  return { connection: connection as unknown as Connection, told }
}

/** A node with devices of Ann's, whose database answers when the test says. */
async function node(devices: readonly ReturnType<typeof device>[], missed: () => Promise<MissedCall[]>) {
  const clock = testClock()
  const lines: string[] = []
  const news = createPersonNews({
    db: await openTestDatabase(temporaryFolder()),
    clock,
    log: pino({}, { write: (line: string) => void lines.push(line) }),
    calls: { missed },
    connections: () => devices.map(({ connection }) => connection),
  })
  return { news, clock, lines }
}

const settle = async () => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

test('J2.4 C4.4 however reads take, no device is told an older list after a newer one, and the last is told', async () => {
  const step = fc.record({
    kind: fc.constantFrom('change', 'change', 'answer', 'read', 'read', 'time'),
    which: fc.nat(3),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      let version = 0
      const reading: (() => void)[] = []
      // What is read is of when the reading begins, and is there when the test says.
      const missed = () => {
        const list = listOf(version)
        return new Promise<MissedCall[]>((resolve) => reading.push(() => resolve(list)))
      }
      const devices = [device('one'), device('two')]
      const { news, clock } = await node(devices, missed)
      let ns = 0
      for (const { kind, which } of steps) {
        if (kind === 'change') {
          version += 1
          void news.missed('ann', { kind: 'missed' })
        } else if (kind === 'answer') {
          ns += 1
          void news.missed('ann', { kind: 'missed', answer: { connection: 'one', n: ns } })
        } else if (kind === 'read') reading.splice(which % (reading.length || 1), 1)[0]?.()
        else {
          clock.advance(1_000)
          news.tick()
        }
        await settle()
      }
      for (let n = 0; n < 20; n += 1) {
        for (const answer of reading.splice(0)) answer()
        clock.advance(1_000)
        news.tick()
        await settle()
      }
      for (const { told } of devices) {
        expect(told).toEqual(told.toSorted((a, b) => a - b))
        if (version > 0) expect(told.at(-1)).toBe(version)
      }
    }),
    { numRuns: 60 },
  )
})

test('C4.4 a device that is being welcomed is told of no list that was read before, and reads its own again', async () => {
  const [old, fresh] = [device('old'), device('fresh', false)]
  let answer = (_: MissedCall[]) => {}
  const { news } = await node([old, fresh], () => new Promise((resolve) => (answer = resolve)))
  void news.missed('ann', { kind: 'missed' })
  await settle()
  expect([old.connection.stale, fresh.connection.stale]).toEqual([false, true])
  fresh.connection.welcomed = true
  answer(listOf(1))
  await settle()
  expect([old.told, fresh.told]).toEqual([[1], []])
})

test('A2.7 what devices cannot be told of, since it cannot be read, is in the log, and is told later', async () => {
  const one = device('one')
  let fails = true
  const { news, clock, lines } = await node([one], async () => {
    if (fails) throw new Error('nothing can be read')
    return listOf(2)
  })
  await news.missed('ann', { kind: 'missed' })
  await settle()
  expect(one.told).toEqual([])
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 50, userId: 'ann' }])
  fails = false
  clock.advance(1_100)
  news.tick()
  await settle()
  expect(one.told).toEqual([2])
})

test('B4.2 what nobody here may have heard is told anew, of twenty people after others, and again where it cannot be read', async () => {
  const names = Array.from({ length: 50 }, (_, n) => `p${n}`)
  const devices = new Map(names.map((name) => [name, device(name)]))
  const reading: { readonly userId: string; readonly answer: (list: MissedCall[]) => void }[] = []
  let fails = true
  const clock = testClock()
  const news = createPersonNews({
    db: await openTestDatabase(temporaryFolder()),
    clock,
    log: pino({ level: 'silent' }),
    calls: {
      missed: (userId) =>
        fails
          ? Promise.reject(new Error('nothing can be read'))
          : new Promise((answer) => reading.push({ userId, answer })),
    },
    connections: (userId) => [devices.get(userId)?.connection ?? []].flat(),
  })
  news.anew(names)
  news.tick()
  await settle()
  fails = false
  clock.advance(1_100)
  for (let n = 0; n < 100 && reading.length < 20; n += 1) {
    news.tick()
    await settle()
  }
  // However often it ticks, no more are read while those are.
  for (let n = 0; n < 5; n += 1) {
    news.tick()
    await settle()
  }
  expect(reading).toHaveLength(20)
  await expect
    .poll(async () => {
      for (const { answer } of reading.splice(0)) answer(listOf(3))
      await settle()
      news.tick()
      return [...devices.values()].every(({ told }) => told.at(-1) === 3)
    })
    .toBe(true)
  expect(new Set([...devices.values()].map(({ told }) => told.length))).toEqual(new Set([1]))
})
