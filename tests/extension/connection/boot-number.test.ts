import { beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createBootNumber } from '../../../entrypoints/background/connection/boot-number.ts'
import { maxBoot } from '../../../protocol/connection.ts'

beforeEach(() => {
  vi.restoreAllMocks()
  fakeBrowser.reset()
})

const kept = async () => (await fakeBrowser.storage.local.get('boots')).boots

test('T9.5 each start of the worker has a higher number, the same all through its life', async () => {
  const first = createBootNumber()
  expect(await first.current()).toBe(1)
  expect(await first.current()).toBe(1)
  const second = createBootNumber()
  expect(await Promise.all([second.current(), second.current()])).toEqual([2, 2])
})

test('T9.5 the number is in storage before anybody hears it', async () => {
  let written = () => {}
  vi.spyOn(fakeBrowser.storage.local, 'set').mockImplementation(
    () => new Promise<void>((resolve) => (written = resolve)),
  )
  let heard = false
  const asked = createBootNumber()
    .current()
    .then(() => {
      heard = true
    })
  await vi.waitUntil(() => vi.mocked(fakeBrowser.storage.local.set).mock.calls.length > 0)
  expect(heard).toBe(false)
  written()
  await asked
})

test('T9.5 after a copy of the profile was seen to use a number, the next is higher, over restarts too', async () => {
  const number = createBootNumber()
  await number.current()
  number.renumber(41)
  expect(await number.current()).toBe(42)
  number.renumber(7)
  expect(await number.current()).toBe(42)
  expect(await createBootNumber().current()).toBe(43)
})

test('T9.5 a number that was asked for and is renumbered meanwhile comes after the copy too', async () => {
  const number = createBootNumber()
  void number.current()
  number.renumber(9)
  expect(await number.current()).toBe(10)
  expect(await kept()).toBe(10)
})

test('T9.5 a number that came to the end of what the protocol can carry, or is none, begins anew', async () => {
  const number = createBootNumber()
  await number.current()
  number.renumber(maxBoot - 1)
  expect(await number.current()).toBe(maxBoot)
  for (const spoilt of [maxBoot, Number.MAX_SAFE_INTEGER, '7', null, Number.NaN, 1.5, 1e300]) {
    await fakeBrowser.storage.local.set({ boots: spoilt })
    expect(await createBootNumber().current()).toBe(1)
  }
})

test('T9.5 a storage that hangs fails, and the number is counted once it answers', async () => {
  vi.useFakeTimers()
  const hanging = vi.spyOn(fakeBrowser.storage.local, 'get').mockImplementation(() => new Promise(() => {}))
  const number = createBootNumber()
  const refused = expect(number.current()).rejects.toThrow('3000 ms')
  await vi.advanceTimersByTimeAsync(3_000)
  await refused
  hanging.mockRestore()
  expect(await number.current()).toBe(1)
  vi.useRealTimers()
})

test('T9.5 where storage fails there is no number, and it is counted once it works', async () => {
  const failing = vi.spyOn(fakeBrowser.storage.local, 'get').mockRejectedValue(new Error('no disk'))
  const number = createBootNumber()
  await expect(number.current()).rejects.toThrow('no disk')
  number.renumber(3)
  await expect(number.current()).rejects.toThrow('no disk')
  failing.mockRestore()
  expect(await number.current()).toBe(4)
})
