import { AxeBuilder } from '@axe-core/playwright'
import type { BrowserContextOptions, Page } from 'playwright'
import { expect } from 'vitest'

/** The windows in which a page has to stand up: in both colour schemes, narrow, and magnified. */
export const windows: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light', viewport: { width: 1_000, height: 700 } },
  dark: { colorScheme: 'dark', viewport: { width: 1_000, height: 700 } },
  narrow: { viewport: { width: 320, height: 480 } },
  zoomed: { viewport: { width: 500, height: 350 }, deviceScaleFactor: 2 },
}

/** What axe finds wrong with a page. Ours have no frames; for those alone it would open a second page at each look. */
export async function violations(page: Page): Promise<readonly string[]> {
  expect(page.frames()).toHaveLength(1)
  return (await new AxeBuilder({ page }).setLegacyMode().analyze()).violations.map(({ id }) => id)
}

/** Contrast is not a matter of width: axe, which takes its time, looks at each colour scheme once. */
export async function expectAccessible(
  page: Page,
  where: string,
  { colorScheme }: BrowserContextOptions,
): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), where).toBe(true)
  if (!colorScheme) return
  expect((await violations(page)).map((id) => `${where} ${id}`)).toEqual([])
}
