import { afterEach, expect, test, vi } from 'vitest'
import { createLitScreen } from '../../../web/place/lit-screen.ts'

afterEach(() => void vi.unstubAllGlobals())

/** A browser's wake lock, whose answers a test gives. */
function browser() {
  const asked: { readonly grant: () => void; readonly refuse: () => void }[] = []
  let held = 0
  const request = () =>
    new Promise((resolve, reject) => {
      const release = async () => {
        held -= 1
      }
      const grant = () => {
        held += 1
        resolve({ release })
      }
      asked.push({ grant, refuse: () => reject(new Error('the page is hidden')) })
    })
  vi.stubGlobal('navigator', { wakeLock: { request } })
  const settle = () => new Promise((resolve) => setTimeout(resolve))
  return { asked, settle, held: () => held }
}

test('PV3.5 the screen of who waits and looks stays lit, also where the page was hidden while that was asked for', async () => {
  for (const answer of ['refuse', 'grant'] as const) {
    const { asked, settle, held } = browser()
    const screen = createLitScreen()
    screen.keep(true)
    screen.keep(true)
    expect(asked).toHaveLength(1)
    screen.keep(false)
    screen.keep(true)
    asked[0]?.[answer]()
    await settle()
    expect([asked.length, held()], answer).toEqual([2, 0])
    asked[1]?.grant()
    await settle()
    expect(held()).toBe(1)
    screen.keep(false)
    await settle()
    expect(held()).toBe(0)
  }
})

test('PV3.5 nobody’s screen is kept lit who does not wait, and a browser that says no is not asked again and again', async () => {
  const { asked, settle, held } = browser()
  const screen = createLitScreen()
  screen.keep(true)
  screen.keep(false)
  asked[0]?.grant()
  await settle()
  expect([asked.length, held()]).toEqual([1, 0])
  screen.keep(true)
  asked[1]?.refuse()
  await settle()
  screen.keep(true)
  await settle()
  expect(asked).toHaveLength(2)
  vi.stubGlobal('navigator', {})
  createLitScreen().keep(true)
  await settle()
})
