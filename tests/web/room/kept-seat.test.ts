// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { keptSeat } from '../../../web/room/kept-seat.ts'

beforeEach(() => localStorage.clear())

const hour = 3_600_000

test('RM12.3 a seat is kept for its room until that is over', () => {
  let now = 1_000
  const clock = () => now
  const seat = keptSeat('r1', localStorage, clock)
  expect(seat.read()).toBeNull()
  seat.keep('secret-of-r1')
  keptSeat('r2', localStorage, clock).keep('secret-of-r2')
  expect(keptSeat('r1', localStorage, clock).read()).toBe('secret-of-r1')
  seat.forget()
  expect(seat.read()).toBeNull()
  expect(keptSeat('r2', localStorage, clock).read()).toBe('secret-of-r2')

  now += 7 * hour
  localStorage.setItem('of-another-page', 'stays')
  expect(seat.read()).toBeNull()
  // Of a room that ended while no page of it was open nothing is left.
  expect([localStorage.length, localStorage.key(0)]).toEqual([1, 'of-another-page'])
})

test('RM12.3 what is no seat, and a browser that keeps nothing, harm nothing', () => {
  localStorage.setItem('reachable-room:r1', '{"seat":5}')
  expect(keptSeat('r1', localStorage, Date.now).read()).toBeNull()
  localStorage.setItem('reachable-room:r1', 'no JSON')
  expect(keptSeat('r1', localStorage, Date.now).read()).toBeNull()
  const nowhere = keptSeat('r1', undefined, Date.now)
  nowhere.keep('secret')
  nowhere.forget()
  expect(nowhere.read()).toBeNull()
})
