// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest'
import { keepAwake } from '../../../web/page/keep-awake.ts'

afterEach(() => {
  Reflect.deleteProperty(navigator, 'wakeLock')
  vi.restoreAllMocks()
})

/** What waits for a browser's answer has had it. */
const settle = () => new Promise((resolve) => setTimeout(resolve))

/** A browser that keeps screens on, lets go of them as the page is hidden, and answers when a test says so. */
function browser() {
  const locks: { released: boolean; release: () => Promise<void> }[] = []
  const asked: { readonly grant: () => Promise<unknown>; readonly refuse: () => Promise<unknown> }[] = []
  const request = () =>
    new Promise((resolve, reject) => {
      const grant = () => {
        const lock = {
          released: false,
          release: async () => {
            lock.released = true
          },
        }
        locks.push(lock)
        resolve(lock)
        return settle()
      }
      const refuse = () => {
        reject(new DOMException('battery', 'NotAllowedError'))
        return settle()
      }
      asked.push({ grant, refuse })
    })
  Object.defineProperty(navigator, 'wakeLock', { configurable: true, value: { request } })
  const see = (visibility: DocumentVisibilityState) => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visibility)
    if (visibility === 'hidden') for (const lock of locks) lock.released = true
    document.dispatchEvent(new Event('visibilitychange'))
  }
  return { asked, see, held: () => locks.filter(({ released }) => !released).length }
}

test('RM13.6 the screen stays on as long as it is wanted, again once the page is seen again, and not after it', async () => {
  const { asked, see, held } = browser()
  const letGo = keepAwake()
  await asked[0]?.grant()
  expect(held()).toBe(1)
  see('visible')
  expect(asked).toHaveLength(1)
  see('hidden')
  expect(held()).toBe(0)
  see('visible')
  await asked[1]?.grant()
  expect(held()).toBe(1)
  letGo()
  await settle()
  expect(held()).toBe(0)
  see('visible')
  expect(asked).toHaveLength(2)
})

test('PV3.5 it stays on also where the page was hidden while that was asked for, whatever came of the asking', async () => {
  for (const answer of ['refuse', 'grant'] as const) {
    const { asked, see, held } = browser()
    const letGo = keepAwake()
    // A lock that was given before the page was hidden is gone by then, also where its page hears of it later.
    if (answer === 'grant') void asked[0]?.grant()
    see('hidden')
    see('visible')
    expect(asked).toHaveLength(1)
    if (answer === 'refuse') void asked[0]?.refuse()
    await settle()
    expect([asked.length, held()], answer).toEqual([2, 0])
    await asked[1]?.grant()
    expect(held()).toBe(1)
    letGo()
    await settle()
    expect(held()).toBe(0)
  }
})

test('RM13.6 one that is given too late is let go of, and a browser that says no, or has no such thing, is not asked on', async () => {
  const { asked, held } = browser()
  keepAwake()()
  await asked[0]?.grant()
  expect(held()).toBe(0)
  const letGo = keepAwake()
  await asked[1]?.refuse()
  expect(asked).toHaveLength(2)
  letGo()
  Reflect.deleteProperty(navigator, 'wakeLock')
  keepAwake()()
  await settle()
})
