import { expect, test } from 'vitest'
import { countsAsLive, decideClaim, isGrantedUnasked } from '../../../server/presence/decide-claim.ts'

const older = { boot: 1, n: 1 }
const newer = { boot: 1, n: 2 }

test('R4.2 R4.5 who yields gives way to a lease anywhere and to a node that lives and does not say; who takes over asks nobody', () => {
  const taking = { order: newer, takeOver: true }
  const yielding = { order: newer, takeOver: false }
  expect([isGrantedUnasked(taking, older), isGrantedUnasked(yielding, older)]).toEqual([true, false])
  expect(decideClaim(taking, older, true)).toEqual({ kind: 'granted', takeOver: true })
  expect(decideClaim(yielding, older, true)).toEqual({ kind: 'outranked', boot: 1, live: true })
  // It still must not replace one here that gains a lease meanwhile.
  expect(decideClaim(yielding, undefined, false)).toEqual({ kind: 'granted', takeOver: false })
  for (const takeOver of [true, false])
    expect(decideClaim({ order: older, takeOver }, newer, false)).toMatchObject({
      kind: 'outranked',
      live: false,
    })
  const [silent, dead] = [countsAsLive(undefined, yielding, true), countsAsLive(undefined, yielding, false)]
  expect([silent, dead, countsAsLive(undefined, taking, true)]).toEqual([true, false, false])
})
