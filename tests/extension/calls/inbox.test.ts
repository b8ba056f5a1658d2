import fc from 'fast-check'
import { beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createInbox, withGap } from '../../../entrypoints/background/calls/inbox.ts'
import type { GapSummary } from '../../../messages/state.ts'
import type { DeviceMessage } from '../../../protocol/connection.ts'
import { missedCall } from './calls-on-device.ts'

beforeEach(() => fakeBrowser.reset())

/** An inbox that a worker has just made, and what it says while the connection is there. */
async function worker() {
  const said: DeviceMessage[] = []
  let connected = false
  const changed = vi.fn()
  const inbox = createInbox({ send: (message) => connected && said.push(message), changed })
  await inbox.restore()
  let connection = 0
  return {
    ...inbox,
    changed,
    said,
    missedIds: () => inbox.now().missed.map(({ id }) => id),
    connect: (account: string, missed: readonly string[]) => {
      connected = true
      connection += 1
      inbox.welcomed(
        account,
        missed.map((id) => missedCall(id)),
      )
      inbox.connectionProven(connection)
    },
    /** Another lease on the same connection. */
    lease: () => inbox.connectionProven(connection),
    lose: () => {
      connected = false
    },
    told: (...missed: string[]) => inbox.replaceMissed(missed.map((id) => missedCall(id))),
  }
}

test('P8.4 what was marked as seen is gone at once, and told at once', async () => {
  const inbox = await worker()
  inbox.connect('ann', ['a', 'b'])
  inbox.markSeen(['a', 'made-up'])
  expect(inbox.missedIds()).toEqual(['b'])
  expect(inbox.said).toEqual([{ type: 'seen', calls: ['a'] }])
  inbox.markSeen(['a'])
  inbox.lease()
  expect(inbox.said).toHaveLength(1)
})

test('U9.12 of a list without end the newest 200 are kept, each once', async () => {
  const inbox = await worker()
  inbox.connect('ann', ['a', 'a', 'b'])
  expect(inbox.missedIds()).toEqual(['a', 'b'])
  const many = Array.from({ length: 6_000 }, (_, n) => `m${n}`)
  inbox.told(...many)
  expect(inbox.missedIds()).toEqual(many.slice(0, 200))
  inbox.connect('ann', many)
  expect(inbox.missedIds()).toEqual(many.slice(0, 200))
  await vi.waitFor(async () =>
    expect(JSON.stringify(await fakeBrowser.storage.session.get(null)).length).toBeLessThan(20_000),
  )
})

test('P8.4 a mark made offline is told on the next connection, once, and no list brings the call back before', async () => {
  const inbox = await worker()
  inbox.connect('ann', ['a', 'b'])
  inbox.lose()
  inbox.markSeen(['a'])
  inbox.connect('ann', ['c', 'a', 'b'])
  inbox.lease()
  expect(inbox.missedIds()).toEqual(['c', 'b'])
  expect(inbox.said).toEqual([{ type: 'seen', calls: ['a'] }])
  inbox.told('c', 'a', 'b')
  expect(inbox.missedIds()).toEqual(['c', 'b'])
  inbox.told('c', 'b')
  inbox.connect('ann', ['c', 'b'])
  expect(inbox.said).toHaveLength(1)
})

test('P8.4 a mark outlives the worker and the browser', async () => {
  const first = await worker()
  first.connect('ann', ['a', 'b'])
  first.lose()
  first.markSeen(['a'])
  await fakeBrowser.storage.session.clear()
  const next = await worker()
  next.connect('ann', ['a', 'b'])
  expect(next.missedIds()).toEqual(['b'])
  expect(next.said).toEqual([{ type: 'seen', calls: ['a'] }])
})

test('P8.4 a mark survives a log-out and the sign-in of somebody else, and is told when its person is back', async () => {
  const inbox = await worker()
  inbox.connect('ann', ['a'])
  inbox.lose()
  inbox.markSeen(['a'])
  inbox.clear()
  expect(inbox.missedIds()).toEqual([])
  inbox.connect('ann', ['a'])
  expect(inbox.missedIds()).toEqual([])
  expect(inbox.said).toHaveLength(1)
  inbox.connect('ben', ['a'])
  expect(inbox.missedIds()).toEqual(['a'])
  expect(inbox.said).toHaveLength(1)
  const next = await worker()
  next.connect('ann', ['a'])
  expect(next.missedIds()).toEqual([])
  expect(next.said).toEqual([{ type: 'seen', calls: ['a'] }])
})

test('P8.4 the marks of the three people who marked last are kept', async () => {
  const inbox = await worker()
  for (const person of ['ann', 'ben', 'cem', 'dan']) {
    inbox.connect(person, ['a'])
    inbox.lose()
    inbox.markSeen(['a'])
  }
  const next = await worker()
  const shown = ['ann', 'ben', 'cem', 'dan'].map((person) => {
    next.connect(person, ['a'])
    return next.missedIds()
  })
  expect(shown).toEqual([['a'], [], [], []])
})

test('P8.5 what was told to one person is not told to the next, whether or not the log-out was seen', async () => {
  const before = await worker()
  before.connect('ann', ['a'])
  before.addGap({ from: 1, until: 2, missed: 1, recorded: true })
  const next = await worker()
  next.connect('ben', [])
  expect(next.now()).toEqual({ missed: [], gaps: [] })
  next.addGap({ from: 3, until: 4, missed: 0, recorded: true })
  next.connect('ben', [])
  expect(next.now().gaps).toHaveLength(1)
})

test('P8.4 many marks are told 200 a message, a full list leaves those it has no room for, and a thousand are kept', async () => {
  const inbox = await worker()
  const list = (page: number) => Array.from({ length: 200 }, (_, at) => `${page}-${at}`)
  for (let page = 1; page <= 6; page += 1) {
    inbox.connect('ann', list(page))
    inbox.lose()
    inbox.markSeen(list(page))
  }
  inbox.said.length = 0
  inbox.connect('ann', list(7))
  const told = inbox.said.map((message) => (message.type === 'seen' ? message.calls : []))
  expect(told.map((calls) => calls.length)).toEqual([200, 200, 200, 200, 200])
  expect(new Set(told.flat())).toEqual(new Set([2, 3, 4, 5, 6].flatMap(list)))
})

test('P8.4 missed calls and gaps outlive the worker, and what cannot be read is read again', async () => {
  const first = await worker()
  first.connect('ann', ['a'])
  first.addGap({ from: 1, until: 2, missed: 1, recorded: true })
  const next = await worker()
  expect(next.missedIds()).toEqual(['a'])
  expect(next.now().gaps).toHaveLength(1)
  await fakeBrowser.storage.session.clear()
  await next.restore()
  expect(next.missedIds()).toEqual(['a'])
  first.told('a')
  vi.spyOn(fakeBrowser.storage.session, 'get').mockRejectedValueOnce(new Error('disk'))
  const unlucky = createInbox({ send: () => {}, changed: () => {} })
  await expect(unlucky.restore()).rejects.toThrow('disk')
  await unlucky.restore()
  expect(unlucky.now().missed).toHaveLength(1)
})

/** A worker that could not read what `ann` left when it began, and reads it only once `act` has happened. */
async function lateReader(act: (inbox: ReturnType<typeof createInbox>) => void) {
  const before = await worker()
  before.connect('ann', ['a', 'b'])
  before.lose()
  before.markSeen(['a'])
  vi.spyOn(fakeBrowser.storage.session, 'get').mockRejectedValueOnce(new Error('disk'))
  const inbox = createInbox({ send: () => {}, changed: () => {} })
  await expect(inbox.restore()).rejects.toThrow('disk')
  // What is read now is from before `act`.
  const reading = inbox.restore()
  act(inbox)
  await reading
  return { missedIds: () => inbox.now().missed.map(({ id }) => id), next: await worker() }
}

test('P8.4 what is read late replaces nothing newer, and nobody is told of the calls of somebody else', async () => {
  const { missedIds, next } = await lateReader((inbox) => {
    inbox.welcomed('ben', [missedCall('c'), missedCall('d')])
    inbox.markSeen(['c'])
  })
  expect(missedIds()).toEqual(['d'])
  next.connect('ben', ['c', 'd'])
  expect(next.missedIds()).toEqual(['d'])
})

test('P8.4 what is read late brings nothing back after a log-out', async () => {
  const { missedIds } = await lateReader((inbox) => inbox.clear())
  expect(missedIds()).toEqual([])
})

test('P8.4 marks that are read late join those made meanwhile by the same person', async () => {
  const { missedIds, next } = await lateReader((inbox) => {
    inbox.welcomed('ann', [missedCall('a'), missedCall('b'), missedCall('c')])
    inbox.markSeen(['b'])
  })
  expect(missedIds()).toEqual(['c'])
  next.connect('ann', ['a', 'b', 'c'])
  expect(next.missedIds()).toEqual(['c'])
  expect(next.said).toEqual([{ type: 'seen', calls: ['a', 'b'] }])
})

test('P8.3 a later gap does not take away an earlier one, and what is dismissed is what was seen', async () => {
  const inbox = await worker()
  inbox.addGap({ from: 1, until: 100, missed: 2, recorded: true })
  inbox.addGap({ from: 200, until: 300, missed: 0, recorded: true })
  expect(inbox.now().gaps.map(({ missed }) => missed)).toEqual([2, 0])
  inbox.dismissGaps(100)
  expect(inbox.now().gaps.map(({ from }) => from)).toEqual([200])
  inbox.clear()
  expect(inbox.now().gaps).toEqual([])
})

test('P8.3 however many gaps come, two are told, with every missed call and every doubt of the record in them', () => {
  const stretch = fc.record({
    from: fc.nat(1_000),
    lasts: fc.nat(1_000),
    missed: fc.nat(5),
    recorded: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(stretch, { minLength: 1 }), (stretches) => {
      const told = stretches.map(({ from, lasts, ...more }) => ({ from, until: from + lasts, ...more }))
      const gaps = told.reduce<readonly GapSummary[]>(withGap, [])
      const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)
      expect(gaps.length).toBe(Math.min(2, told.length))
      expect(sum(gaps.map((gap) => gap.stretches))).toBe(told.length)
      expect(sum(gaps.map((gap) => gap.missed))).toBe(sum(told.map((gap) => gap.missed)))
      expect(gaps.every((gap) => gap.recorded)).toBe(told.every((gap) => gap.recorded))
      expect(Math.min(...gaps.map((gap) => gap.from))).toBe(Math.min(...told.map((gap) => gap.from)))
      expect(Math.max(...gaps.map((gap) => gap.until))).toBe(Math.max(...told.map((gap) => gap.until)))
    }),
  )
})
