import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mostUnanswered } from '../../../server/places/light-rule.ts'
import { waitForShare } from '../../../server/places/share-of-visitor.ts'

const minute = 60_000
const now = 1_000 * minute

/** Of IPv4 all three are one. */
const from = (address: string, home = address, site = home) => ({ address, home, site })
const rang = (calledAt: number, networks = from('a')) => ({ ...networks, calledAt })

test('PV5.1 three visits of one address are under way at once, and four of a /48', () => {
  const wait = (networks: ReturnType<typeof from>, ...open: ReturnType<typeof from>[]) =>
    waitForShare(networks, { open, over: [] }, now)
  expect(wait(from('a'), from('a'), from('a'))).toBe(0)
  expect(wait(from('a'), from('a'), from('a'), from('a'))).toBeNull()
  expect(wait(from('a'), from('b'), from('b'), from('b'))).toBe(0)
  const inHome = ['a', 'b', 'c', 'd'].map((address) => from(address, 'home'))
  expect(wait(inHome[3] ?? from(''), ...inHome.slice(0, 2))).toBe(0)
  expect(wait(inHome[3] ?? from(''), ...inHome.slice(0, 3))).toBeNull()
  const inSite = ['a', 'b', 'c', 'd', 'e'].map((address) => from(address, address, 'site'))
  expect(wait(inSite[4] ?? from(''), ...inSite.slice(0, 3))).toBe(0)
  expect(wait(inSite[4] ?? from(''), ...inSite.slice(0, 4))).toBeNull()
})

test('PV5.1 PV5.2 whoever has rung three times in a minute, or ten times in a quarter of an hour, is told how long to wait', () => {
  const over = [now - 10_000, now - 50_000, now - 30_000].map((at) => rang(at))
  expect(waitForShare(from('a'), { open: [], over }, now)).toBe(10_000)
  expect(waitForShare(from('b'), { open: [], over }, now)).toBe(0)
  expect(waitForShare(from('a'), { open: [], over }, now + 10_000)).toBe(0)
  // One that is under way may ring yet.
  expect(waitForShare(from('a'), { open: [from('a')], over }, now + 10_000)).toBe(20_000)
  const many = Array.from({ length: 10 }, (_, n) => rang(now - (n + 2) * minute))
  expect(waitForShare(from('a'), { open: [], over: many }, now)).toBe(4 * minute)
  expect(waitForShare(from('a'), { open: [], over: many.slice(1) }, now)).toBe(0)
})

test('PV5.2 whatever one visitor does within a /48, the place has a ring left for others in each minute and quarter of an hour', () => {
  const step = fc.record({
    after: fc.integer({ min: 0, max: 40_000 }),
    address: fc.nat(5),
    home: fc.nat(2),
    what: fc.constantFrom('come', 'come', 'ring', 'end'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      let at = now
      let open: (ReturnType<typeof from> & { calledAt: number | null })[] = []
      let over: ReturnType<typeof rang>[] = []
      const rings: number[] = []
      for (const { after, address, home, what } of steps) {
        at += after
        const networks = from(`${home} ${address}`, `${home}`, 'site')
        if (what === 'come' && waitForShare(networks, { open, over }, at) === 0)
          open = [...open, { ...networks, calledAt: null }]
        const [first] = open
        if (what === 'ring' && first && first.calledAt === null) {
          rings.push(at)
          open = [...open.slice(1), { ...first, calledAt: at }]
        }
        if (what === 'end' && first) {
          open = open.slice(1)
          if (first.calledAt !== null) over = [...over, { ...first, calledAt: first.calledAt }]
        }
        for (const { rings: most, within } of mostUnanswered)
          expect(rings.filter((one) => one > at - within).length).toBeLessThan(most)
      }
    }),
    { numRuns: 1_000 },
  )
})
