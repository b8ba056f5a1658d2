// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { openRoomMemory } from '../../../web/room/room-memory.ts'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})

const hour = 3_600_000

/** A tab of this browser, which has its own storage beside that of all. */
function tab(room = 'r1', now: () => number = Date.now) {
  const kept = new Map<string, string>()
  const own = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as unknown as Storage
  /** The tab loads the page once more. */
  const load = () => openRoomMemory(room, { shared: localStorage, tab: own }, now)
  return { load, memory: load() }
}

test('RM12.3 a seat is kept for its room until that is over, six hours at most from when it was given', () => {
  let now = 1_000
  const clock = () => now
  const { memory } = tab('r1', clock)
  expect(memory.read()).toBeNull()
  memory.keep('caller', 'secret-of-r1')
  tab('r2', clock).memory.keep('callee', 'secret-of-r2')
  expect(tab('r1', clock).memory.read()).toBe('secret-of-r1')
  memory.forget()
  expect(memory.read()).toBeNull()
  expect(tab('r2', clock).memory.read()).toBe('secret-of-r2')

  now += 5 * hour
  tab('r2', clock).memory.keep('callee', 'secret-of-r2')
  now += hour + 1
  localStorage.setItem('of-another-page', 'stays')
  expect(memory.read()).toBeNull()
  // Of a room that ended while no page of it was open nothing is left.
  expect([localStorage.length, localStorage.key(0)]).toEqual([1, 'of-another-page'])
})

test('RM12.3 who has both sides in one browser comes back as the side that their tab had, and ends no other', () => {
  const [hers, his] = [tab(), tab()]
  hers.memory.keep('callee', 'seat-of-the-callee')
  his.memory.keep('caller', 'seat-of-the-caller')
  expect([hers.load().read(), his.load().read()]).toEqual(['seat-of-the-callee', 'seat-of-the-caller'])
  hers.memory.forget()
  expect([hers.load().read(), his.load().read()]).toEqual([null, 'seat-of-the-caller'])
})

test('RM12.3 a page that was let in nowhere takes no seat from another that was', () => {
  const second = tab().memory
  expect(second.read()).toBeNull()
  tab().memory.keep('caller', 'a-seat')
  second.forget()
  expect(second.read()).toBe('a-seat')
})

test('RM1.1 the reload of a page that nobody welcomed has its name, and what else is loaded has a new one', () => {
  let names = 0
  const newName = () => `name-${++names}`
  const { load, memory } = tab()
  expect(memory.pageName(false, newName)).toBe('name-1')
  expect(load().pageName(true, newName)).toBe('name-1')
  // A tab that is made of this one has what it has, and is no reload.
  expect(load().pageName(false, newName)).toBe('name-2')
  load().keep('caller', 'a-seat')
  expect(load().pageName(true, newName)).toBe('name-3')
})

test('RM12.3 what is no seat, and a browser that keeps nothing, harm nothing', () => {
  for (const text of ['{"seat":5}', 'no JSON']) {
    localStorage.setItem('reachable-room:r1:caller', text)
    expect(tab().memory.read()).toBeNull()
  }
  const nowhere = openRoomMemory('r1', { shared: undefined, tab: undefined }, Date.now)
  nowhere.keep('caller', 'secret')
  nowhere.forget()
  expect([nowhere.read(), nowhere.pageName(true, () => 'a-name')]).toEqual([null, 'a-name'])
})
