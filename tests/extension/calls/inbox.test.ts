import fc from 'fast-check'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createInbox, withGap } from '../../../entrypoints/background/calls/inbox.ts'
import type { GapSummary } from '../../../messages/state.ts'
import type { DeviceMessage } from '../../../protocol/connection.ts'
import { missedCall } from './calls-on-device.ts'

beforeEach(() => fakeBrowser.reset())

const clocks = () => ({ mono: performance.now(), wall: Date.now() })

/** Timers as the worker has them. */
const after = (milliseconds: number, todo: () => void) => {
  const timer = setTimeout(todo, milliseconds)
  return () => clearTimeout(timer)
}

/** An inbox that a worker has just made, and what it says while the connection is there. */
async function worker(features: readonly string[] = []) {
  const said: DeviceMessage[] = []
  let connected = false
  const changed = vi.fn()
  const send = (message: DeviceMessage) => void (connected && said.push(message))
  const inbox = createInbox({ clocks, after, send, changed })
  await inbox.restore()
  let connection = 0
  const ids = (calls: readonly { readonly id: string }[] = []) => calls.map(({ id }) => id)
  return {
    ...inbox,
    changed,
    /** Without their numbers. */
    said: () => said.map(({ type, ...rest }) => ({ type, calls: 'calls' in rest ? rest.calls : [] })),
    forget: () => {
      said.length = 0
    },
    /** Number of the newest message that marks. */
    newest: () => said.map((message) => ('calls' in message ? message.n : undefined)).at(-1),
    markSeen: (calls: readonly string[]) => inbox.mark(calls, 'seen'),
    takeBack: (calls: readonly string[]) => inbox.mark(calls, 'unseen'),
    missedIds: () => ids(inbox.now().missed),
    seenIds: () => ids(inbox.now().seen?.calls),
    connect: (account: string, missed: readonly string[]) => {
      connected = true
      connection += 1
      inbox.welcomed(
        account,
        missed.map((id) => missedCall(id)),
        features,
      )
      inbox.connectionProven(connection)
    },
    /** Another lease on the same connection. */
    lease: () => inbox.connectionProven(connection),
    lose: () => {
      connected = false
    },
    told: (...missed: string[]) => inbox.replaceMissed(missed.map((id) => missedCall(id))),
    answered: (n: number | undefined, ...missed: string[]) =>
      inbox.replaceMissed(
        missed.map((id) => missedCall(id)),
        n,
      ),
  }
}

test('P8.4 what was marked as seen is gone at once, and told at once', async () => {
  const inbox = await worker()
  inbox.connect('ann', ['a', 'b'])
  inbox.markSeen(['a', 'made-up'])
  expect(inbox.missedIds()).toEqual(['b'])
  expect(inbox.said()).toEqual([{ type: 'seen', calls: ['a'] }])
  inbox.markSeen(['a'])
  inbox.lease()
  expect(inbox.said()).toHaveLength(1)
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
  expect(inbox.said()).toEqual([{ type: 'seen', calls: ['a'] }])
  inbox.told('c', 'a', 'b')
  expect(inbox.missedIds()).toEqual(['c', 'b'])
  inbox.told('c', 'b')
  inbox.connect('ann', ['c', 'b'])
  expect(inbox.said()).toHaveLength(1)
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
  expect(next.said()).toEqual([{ type: 'seen', calls: ['a'] }])
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
  expect(inbox.said()).toHaveLength(1)
  inbox.connect('ben', ['a'])
  expect(inbox.missedIds()).toEqual(['a'])
  expect(inbox.said()).toHaveLength(1)
  const next = await worker()
  next.connect('ann', ['a'])
  expect(next.missedIds()).toEqual([])
  expect(next.said()).toEqual([{ type: 'seen', calls: ['a'] }])
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
  expect(next.now()).toMatchObject({ missed: [], seen: null, gaps: [] })
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
  inbox.forget()
  inbox.connect('ann', list(7))
  const told = inbox.said().map(({ calls }) => calls)
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
  const unlucky = createInbox({ clocks, after, send: () => {}, changed: () => {} })
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
  const inbox = createInbox({ clocks, after, send: () => {}, changed: () => {} })
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
    inbox.mark(['c'], 'seen')
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
    inbox.mark(['b'], 'seen')
  })
  expect(missedIds()).toEqual(['c'])
  next.connect('ann', ['a', 'b', 'c'])
  expect(next.missedIds()).toEqual(['c'])
  expect(next.said()).toEqual([{ type: 'seen', calls: ['a', 'b'] }])
})

test('P8.7 what was marked as seen stays to be taken back, and is missed again at once when it is', async () => {
  const inbox = await worker(['unseen'])
  inbox.connect('ann', ['a', 'b', 'c'])
  inbox.markSeen(['a', 'b'])
  inbox.answered(inbox.newest(), 'c')
  expect([inbox.missedIds(), inbox.seenIds()]).toEqual([['c'], ['a', 'b']])
  inbox.takeBack(['a', 'b', 'c', 'made-up'])
  expect([inbox.missedIds().toSorted(), inbox.seenIds()]).toEqual([['a', 'b', 'c'], []])
  // A list that was on its way before the server heard of it.
  inbox.told('c')
  expect(inbox.missedIds().toSorted()).toEqual(['a', 'b', 'c'])
})

test('P8.7 marks that cross are told in their order, and the server has the last word on each', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const inbox = await worker(['unseen'])
  inbox.connect('ann', ['a', 'b'])
  inbox.markSeen(['a'])
  const first = inbox.newest()
  inbox.takeBack(['a'])
  inbox.markSeen(['b'])
  expect(inbox.said()).toEqual([{ type: 'seen', calls: ['a'] }])
  vi.advanceTimersByTime(2_000)
  expect(inbox.said().slice(1)).toEqual([
    { type: 'seen', calls: ['b'] },
    { type: 'unseen', calls: ['a'] },
  ])
  // The answer to what was taken back meanwhile confirms nothing.
  inbox.answered(first, 'b')
  expect(inbox.missedIds()).toEqual(['a'])
  inbox.answered(inbox.newest(), 'a')
  inbox.told('b', 'a')
  expect(inbox.missedIds()).toEqual(['a'])
})

test('P8.7 pressing on and on says no more than a server takes', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const inbox = await worker(['unseen'])
  inbox.connect('ann', ['a', 'b'])
  for (let press = 0; press < 200; press += 1) {
    if (press % 2 === 0) inbox.markSeen(['a'])
    else inbox.takeBack(['a'])
    vi.advanceTimersByTime(50)
  }
  expect(inbox.said().length).toBeLessThanOrEqual(6)
  vi.advanceTimersByTime(2_000)
  expect(inbox.said().at(-1)).toEqual({ type: 'unseen', calls: ['a'] })
})

test('P8.7 what the server does not answer within two leases is told again', async () => {
  const inbox = await worker(['unseen'])
  inbox.connect('ann', ['a'])
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  inbox.markSeen(['a'])
  inbox.lease()
  expect(inbox.said()).toHaveLength(1)
  inbox.lease()
  vi.advanceTimersByTime(2_000)
  expect(inbox.said()).toEqual(Array(2).fill({ type: 'seen', calls: ['a'] }))
  inbox.answered(inbox.newest())
  inbox.lease()
  inbox.lease()
  inbox.lease()
  vi.advanceTimersByTime(2_000)
  expect(inbox.said()).toHaveLength(2)
})

test('P8.7 what was taken back offline is told later, also by the next worker and the next browser', async () => {
  const first = await worker(['unseen'])
  first.connect('ann', ['a', 'b'])
  first.markSeen(['a', 'b'])
  first.answered(first.newest())
  first.lose()
  first.takeBack(['a'])
  const next = await worker(['unseen'])
  expect([next.missedIds(), next.seenIds()]).toEqual([['a'], ['b']])
  next.takeBack(['b'])
  await fakeBrowser.storage.session.clear()
  const later = await worker(['unseen'])
  later.connect('ann', [])
  expect(later.said()).toEqual([{ type: 'unseen', calls: ['a', 'b'] }])
  later.answered(later.newest(), 'a', 'b')
  expect(later.missedIds()).toEqual(['a', 'b'])
  // Who called is kept no longer than the browser runs.
  expect(JSON.stringify(await fakeBrowser.storage.local.get(null))).not.toContain('Clinic')
})

test('L1.8 an older server is told nothing that it does not know, and what it was told stays so', async () => {
  const inbox = await worker(['from-the-future'])
  inbox.connect('ann', ['a', 'b'])
  inbox.markSeen(['a', 'b'])
  inbox.told()
  expect(inbox.now().takesBack).toBe(false)
  inbox.takeBack(['a'])
  expect([inbox.missedIds(), inbox.seenIds()]).toEqual([[], ['a', 'b']])
  expect(inbox.said()).toEqual([{ type: 'seen', calls: ['a', 'b'] }])
})

test('L1.8 what was taken back is not told to an older server that stands in its place', async () => {
  const first = await worker(['unseen'])
  first.connect('ann', ['a'])
  first.markSeen(['a'])
  first.lose()
  first.takeBack(['a'])
  const next = await worker()
  next.connect('ann', [])
  expect([next.missedIds(), next.seenIds(), next.said()]).toEqual([[], [], []])
})

test('P8.7 what was marked is shown to nobody else, nor after a log-out, and older marks make room for new ones', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const inbox = await worker(['unseen'])
  inbox.connect('ann', ['a', 'b', 'c'])
  inbox.markSeen(['a'])
  vi.advanceTimersByTime(599_000)
  inbox.markSeen(['b'])
  expect(inbox.seenIds()).toEqual(['b', 'a'])
  vi.advanceTimersByTime(600_000)
  inbox.markSeen(['c'])
  expect(inbox.seenIds()).toEqual(['c'])
  inbox.connect('ben', ['a'])
  expect([inbox.missedIds(), inbox.seenIds()]).toEqual([['a'], []])
  inbox.markSeen(['a'])
  inbox.clear()
  inbox.connect('ben', [])
  expect([inbox.missedIds(), inbox.seenIds()]).toEqual([[], []])
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

test('RM8.4 whether people can speak is as the newest welcome says, and whoever draws it is told', async () => {
  const inbox = await worker()
  expect(inbox.now().canSpeak).toBe(true)
  inbox.changed.mockClear()
  inbox.welcomed('ann', [], [], false)
  expect(inbox.now().canSpeak).toBe(false)
  expect(inbox.changed).toHaveBeenCalled()
  inbox.welcomed('ann', [], [])
  expect(inbox.now().canSpeak).toBe(true)
})
