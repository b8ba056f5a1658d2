import { type RunOptions, source } from 'axe-core'
import type { Page } from './page.ts'

declare const axe: {
  readonly run: (options: {
    readonly runOnly?: readonly string[]
    readonly resultTypes: readonly string[]
  }) => Promise<{
    readonly violations: readonly {
      readonly id: string
      readonly nodes: readonly { readonly html: string }[]
    }[]
  }>
}

declare global {
  interface Window {
    /** What had the focus before a key was pressed. */
    focusBefore?: Element | null
  }
}

/** What of axe's rules hangs on colours: in the second scheme the rest is as it was in the first. */
export const rulesOfColours = ['color-contrast', 'link-in-text-block'] as const

/** Of the rest axe would make a selector for each element that each rule passes, which nobody reads. */
export const onlyWrong = { resultTypes: ['violations'] } satisfies RunOptions

/** What axe finds wrong with a page, in light and in dark. */
export async function violations(page: Page): Promise<readonly string[]> {
  const found: string[] = []
  await page.evaluate(`(() => { ${source} })()`)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await stillness(page)
    const options = { ...onlyWrong, ...(colorScheme === 'dark' && { runOnly: rulesOfColours }) }
    const wrong = await page.evaluate(
      async (options) =>
        (await axe.run(options)).violations.map(({ id, nodes }) => ({
          id,
          nodes: nodes.map(({ html }) => html),
        })),
      options,
    )
    for (const { id, nodes } of wrong) found.push(`${colorScheme}: ${id} at ${nodes.join(' and ')}`)
  }
  return found
}

/** Waits for what began to fade before there was to be no motion: a colour between two is neither of them. */
async function stillness(page: Page) {
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY)
        .map(({ finished }) => finished.catch(() => {})),
    ),
  )
}

/** Which buttons and fields of a page have no edge left where the system paints the grounds itself. */
export async function edgeless(page: Page): Promise<readonly string[]> {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce', forcedColors: 'active' })
  const found = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.button, input, select')]
      .filter((one) => one.checkVisibility())
      .filter((one) => {
        const { appearance, borderTopStyle, borderTopWidth, borderTopColor, backgroundColor } =
          getComputedStyle(one)
        if (appearance === 'auto' && one.matches('[type=checkbox]')) return false
        return borderTopStyle === 'none' || borderTopWidth === '0px' || borderTopColor === backgroundColor
      })
      .map((one) => `no edge in forced colours: ${one.outerHTML.slice(0, 80)}`),
  )
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce', forcedColors: 'none' })
  return found
}

const windows = {
  '320 px': { width: 320, height: 480 },
  'a window of 1280 by 720 at 200 %': { width: 640, height: 360 },
}

/** In which windows a page has to be scrolled sideways. */
export async function tooWide(page: Page): Promise<readonly string[]> {
  const found: string[] = []
  const before = await page.evaluate(() => ({ width: innerWidth, height: innerHeight }))
  for (const [name, size] of Object.entries(windows)) {
    await page.setViewportSize(size)
    // What scrolls by itself is cut off in itself.
    const over = await page.evaluate(() =>
      Math.max(
        ...[...document.querySelectorAll('html, main')].map((one) => one.scrollWidth - one.clientWidth),
      ),
    )
    if (over > 0) found.push(`${name}: ${over} px too wide`)
  }
  await page.setViewportSize(before)
  return found
}

/** Longer than a call's window takes no key after it came to the front, nor from whoever types on meanwhile: milliseconds. */
const unheard = 700

/** Resolves once what a page shows has rested for so long: lists that are loaded later have come, and are where they stay. */
async function rested(page: Page): Promise<void> {
  const shown = () => page.evaluate(() => document.body.innerHTML)
  let before = ''
  for (let now = await shown(); now !== before; now = await shown()) {
    before = now
    await new Promise((resolve) => setTimeout(resolve, restsFor))
  }
}

/** Shorter than the second after which ages are counted on: milliseconds. */
const restsFor = 300

/** What the Tab key does not reach on a page, or reaches without showing it. */
export async function keyboardFaults(page: Page): Promise<readonly string[]> {
  await rested(page)
  const stops = await page.evaluate(() => {
    const all = document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea')
    const shown = [...all].filter((one) => one.tabIndex >= 0 && one.checkVisibility())
    for (const [at, one] of shown.entries()) one.dataset.stop = String(at)
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    window.focusBefore = document.activeElement
    return shown.map((one) => (one.ariaLabel ?? one.innerText ?? '') || one.outerHTML.slice(0, 80))
  })
  const reached = new Set<number>()
  const faults: string[] = []
  // The walk may begin in the middle; the browser's own stops, and lists that scroll, lie between the last and the first.
  for (let press = 0; press < 2 * stops.length + 10 && reached.size < stops.length; press += 1) {
    await page.keyboard.press('Tab')
    const { hasMoved, stop, isSeen } = await page.evaluate(() => {
      const one = document.activeElement
      const hasMoved = one !== window.focusBefore
      window.focusBefore = one
      if (!(one instanceof HTMLElement) || one.dataset.stop === undefined) return { hasMoved }
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one)
      const isSeen = (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none'
      return { hasMoved, stop: Number(one.dataset.stop), isSeen }
    })
    if (!hasMoved) await new Promise((resolve) => setTimeout(resolve, unheard))
    if (stop === undefined) continue
    reached.add(stop)
    if (!isSeen) faults.push(`its focus is not seen: ${stops[stop]}`)
  }
  return [...faults, ...stops.filter((_, at) => !reached.has(at)).map((name) => `not reached: ${name}`)]
}
