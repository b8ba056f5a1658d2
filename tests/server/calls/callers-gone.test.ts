import fc from 'fast-check'
import { expect, test } from 'vitest'
import { watchCallers } from '../../../server/calls/callers-gone.ts'
import type { CallRow } from '../../../server/database/call-tables.ts'

const tickEvery = 250
const goneFor = 20_000

interface Scene {
  /** When each caller's lease is over, or comes and goes: moments at which it changes, ms. It holds at first. */
  readonly changes: readonly (readonly number[])[]
  /** So long it takes until it is known that nobody answers, ms. */
  readonly knownAfter: number
  /** The first write of each cancellation fails. */
  readonly failing?: boolean
  readonly isKnown?: (now: number) => boolean
}

/** @returns when the call of each caller was cancelled, ms; undefined while it is not. */
async function cancelled({ changes, knownAfter, failing = false, isKnown = () => true }: Scene) {
  let now = 0
  const at = new Map<string, number>()
  const tried = new Set<string>()
  const waiting = new Set<{ readonly until: number; readonly wake: () => void }>()
  const ids = changes.map((_, n) => `call-${n}`)
  const holds = (n: number) => (changes[n] ?? []).filter((change) => change <= now).length % 2 === 0
  const watch = watchCallers({
    active: {
      ids: () => ids.filter((id) => !at.has(id)),
      get: (id) => ({ id, callerId: id.replace('call', 'person') }) as CallRow,
    },
    devices: {
      async isReachable(person) {
        if (!isKnown(now)) return undefined
        if (holds(Number(person.split('-')[1]))) return true
        const { promise, resolve } = Promise.withResolvers<void>()
        waiting.add({ until: now + knownAfter, wake: resolve })
        await promise
        return false
      },
    },
    clock: { wall: () => now, monotonic: () => now },
    log: { info: () => {}, error: () => {} },
    async cancel(id) {
      if (failing && !tried.has(id)) {
        tried.add(id)
        throw new Error('no write')
      }
      at.set(id, now)
      return true
    },
  })
  for (; now < 90_000; now += 50) {
    if (now % tickEvery === 0) watch.tick()
    for (const one of waiting)
      if (one.until <= now) {
        waiting.delete(one)
        one.wake()
      }
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
  }
  return ids.map((id) => at.get(id))
}

test('PL4.1 whoever calls and has no lease any more has cancelled 20 s later, at most 3 s after that, however many call and however long the nodes are silent', async () => {
  const moments = fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(moments, fc.constantFrom(0, 200, 950), async (lost, knownAfter) => {
      const ends = await cancelled({ changes: lost.map((moment) => [moment]), knownAfter })
      for (const [n, end] of ends.entries()) {
        const after = (end ?? Number.POSITIVE_INFINITY) - (lost[n] ?? 0)
        if (after < goneFor || after > goneFor + 3_000) return false
      }
      return true
    }),
    { numRuns: 40 },
  )
})

test('PL4.1 whoever comes back before that has not cancelled, nor has anybody of whom nothing is known', async () => {
  expect(
    await cancelled({
      changes: [
        [1_000, 20_500],
        [1_000, 9_000, 15_000],
      ],
      knownAfter: 950,
    }),
  ).toEqual([undefined, expect.toSatisfy((end: number) => end >= 35_000 && end <= 38_000)])
  // The bus is lost for a moment: it is counted anew.
  const [end] = await cancelled({
    changes: [[1_000]],
    knownAfter: 0,
    isKnown: (now) => now < 15_000 || now > 18_000,
  })
  expect(end).toBeGreaterThan(38_000)
  expect(end).toBeLessThan(41_000)
})

test('PL4.1 a cancellation that cannot be written is tried again within 2 s', async () => {
  const [end] = await cancelled({ changes: [[1_000]], knownAfter: 0, failing: true })
  expect(end).toBeGreaterThan(21_000)
  expect(end).toBeLessThan(26_000)
})
