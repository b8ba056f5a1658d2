import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Area,
  type BrowserWindow,
  headHeightOf,
  placeBeside,
  withinScreen,
} from '../../../entrypoints/background/calls/call-window-place.ts'

/** `PLACES=1000000 npx vitest run call-window-place` tries more. */
const numRuns = Number(process.env.PLACES ?? 2_000)

const within = (least: number, most: number) => fc.integer({ min: least, max: most })

/** Screens stand left of the first one and above it, too. */
const screens: fc.Arbitrary<Area> = fc.record({
  left: within(-5_000, 5_000),
  top: within(-3_000, 3_000),
  width: within(320, 5_000),
  height: within(240, 3_000),
})
/** Windows hang off the screen, and are maximised beyond its edges. */
const browsers: fc.Arbitrary<BrowserWindow> = fc.record({
  left: within(-6_000, 6_000),
  top: within(-4_000, 4_000),
  width: within(100, 5_200),
  height: within(100, 3_200),
  headHeight: within(0, 260),
})
const sizes = fc.record({ width: within(100, 700), height: within(100, 1_500) })
const slots = within(0, 5)

test('U5.15 wherever browser and screen are, the window of a call is on the screen, and below the toolbar where there is room', () => {
  fc.assert(
    fc.property(screens, browsers, sizes, slots, (screen, browser, size, slot) => {
      const wanted = placeBeside(browser, size, slot)
      const { left, top, width, height } = withinScreen(wanted, screen)
      const [right, bottom] = [screen.left + screen.width, screen.top + screen.height]
      expect(left).toBeGreaterThanOrEqual(screen.left)
      expect(top).toBeGreaterThanOrEqual(screen.top)
      expect(left + width).toBeLessThanOrEqual(right)
      expect(top + height).toBeLessThanOrEqual(bottom)
      expect([width, height]).toEqual([
        Math.min(size.width, screen.width),
        Math.min(size.height, screen.height),
      ])
      const head = browser.top + browser.headHeight
      if (wanted.top + height <= bottom) expect(top).toBeGreaterThanOrEqual(Math.max(head, screen.top))
      // Moved no further than it takes: beside the light, where the light is on this screen.
      if (wanted.left >= screen.left && wanted.left + width <= right) expect(left).toBe(wanted.left)
      if (wanted.top >= screen.top && wanted.top + height <= bottom) expect(top).toBe(wanted.top)
    }),
    { numRuns },
  )
})

test('U5.15 the window stands in the upper right corner of the page, and each further one a title lower', () => {
  const browser = { left: 100, top: 50, width: 1_000, height: 700, headHeight: 90 }
  const size = { width: 360, height: 320 }
  expect(placeBeside(browser, size, 0)).toEqual({ left: 724, top: 156, ...size })
  expect(placeBeside(browser, size, 1)).toEqual({ left: 700, top: 196, ...size })
})

test('U5.15 what stands above a page is believed where it can be', () => {
  expect(headHeightOf(800, 709)).toBe(91)
  // Without a toolbar, as in full screen.
  expect(headHeightOf(800, 800)).toBe(0)
  // Tools docked below the page, a page that was not drawn yet, and a browser that does not say.
  for (const [window, page] of [
    [800, 300],
    [800, 900],
    [800, undefined],
    [undefined, 700],
  ] as const)
    expect(headHeightOf(window, page)).toBe(100)
})
