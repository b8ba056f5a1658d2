import type { Page } from 'playwright'
import { expect } from 'vitest'
import '../support/people-demo/demo-worker.ts'
import { openPeopleDemo } from '../support/people-demo/open-people-demo.ts'
import type { Picture } from './save-picture.ts'

export type Step = (page: Page) => Promise<unknown>

export interface Shown {
  readonly query: string
  readonly steps?: readonly Step[]
  readonly caption?: string
  /** In pixels of the picture as it is shown. */
  readonly width?: number
  readonly height?: number
  /** By what all is bigger, as its reader has set it in the browser. */
  readonly zoom?: number
}

export const press =
  (name: string | RegExp, role: 'button' | 'tab' | 'menuitem' | 'menuitemradio' = 'button'): Step =>
  (page) =>
    page.getByRole(role, { name }).first().click()

/** Pictures of pages with people who do not exist, in one of the two colour schemes. */
export async function takePeople(
  colorScheme: 'light' | 'dark',
  shown: readonly Shown[],
  fineness = 2,
): Promise<Picture[]> {
  const open = await openPeopleDemo({ deviceScaleFactor: fineness, colorScheme, reducedMotion: 'reduce' })
  const pictures: Picture[] = []
  for (const { query, steps = [], caption, width = 360, height = 600, zoom = 1 } of shown) {
    const page = await open(query)
    await page.setViewportSize({ width: width / zoom, height: height / zoom })
    for (const step of steps) await step(page)
    await expect.poll(() => page.locator('.people-loading').count()).toBe(0)
    const isPopup = (await page.locator('main.popup').count()) > 0
    const png = isPopup ? await page.screenshot() : await page.locator('main').screenshot()
    pictures.push({ png, width, ...(caption ? { caption } : {}) })
    await page.close()
  }
  return pictures
}
