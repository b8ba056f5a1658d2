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

/** Contrast is not a matter of width: axe, which takes its time, looks at each colour scheme once. */
export async function expectAccessible(
  page: Page,
  where: string,
  { colorScheme }: BrowserContextOptions,
): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), where).toBe(true)
  if (!colorScheme) return
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id }) => `${where} ${id}`)).toEqual([])
}
