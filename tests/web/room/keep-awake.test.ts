// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest'
import { keepAwake } from '../../../web/room/keep-awake.ts'

afterEach(() => {
  Reflect.deleteProperty(navigator, 'wakeLock')
  vi.restoreAllMocks()
})

/** A browser that keeps screens on, and lets go of them when it is told that the page is not seen. */
function browser() {
  const locks: { released: boolean; release: () => Promise<void> }[] = []
  const request = vi.fn(async () => {
    const lock = {
      released: false,
      release: async () => {
        lock.released = true
      },
    }
    locks.push(lock)
    return lock
  })
  Object.defineProperty(navigator, 'wakeLock', { configurable: true, value: { request } })
  const see = (visibility: DocumentVisibilityState) => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visibility)
    if (visibility === 'hidden') for (const lock of locks) lock.released = true
    document.dispatchEvent(new Event('visibilitychange'))
  }
  return { request, see, held: () => locks.filter(({ released }) => !released).length }
}

test('RM13.6 the screen stays on as long as somebody is in the room, again once the page is seen again, and not after it', async () => {
  const { see, held, request } = browser()
  const letGo = keepAwake()
  await vi.waitFor(() => expect(held()).toBe(1))
  // What was given has come to whoever asked for it.
  await new Promise((resolve) => setTimeout(resolve))
  see('visible')
  expect(request).toHaveBeenCalledOnce()
  see('hidden')
  expect(held()).toBe(0)
  see('visible')
  await vi.waitFor(() => expect(held()).toBe(1))
  letGo()
  await vi.waitFor(() => expect(held()).toBe(0))
  see('visible')
  expect(request).toHaveBeenCalledTimes(2)
})

test('RM13.6 one that is given too late is let go of, and where a browser gives none nothing is missed', async () => {
  const { held, request } = browser()
  keepAwake()()
  await vi.waitFor(() => expect(request).toHaveBeenCalledOnce())
  await vi.waitFor(() => expect(held()).toBe(0))
  request.mockRejectedValueOnce(new DOMException('battery', 'NotAllowedError'))
  const letGo = keepAwake()
  await vi.waitFor(() => expect(request).toHaveBeenCalledTimes(2))
  letGo()
  Reflect.deleteProperty(navigator, 'wakeLock')
  keepAwake()()
})
