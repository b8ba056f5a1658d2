import { AxeBuilder } from '@axe-core/playwright'
import type { BrowserContextOptions, Page } from 'playwright'
import { expect } from 'vitest'
import { onlyWrong, rulesOfColours } from '../../support/accessibility.ts'

/** The windows in which a page has to stand up: in both colour schemes, narrow, and magnified. */
export const windows: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light', viewport: { width: 1_000, height: 700 } },
  dark: { colorScheme: 'dark', viewport: { width: 1_000, height: 700 } },
  narrow: { viewport: { width: 320, height: 480 } },
  zoomed: { viewport: { width: 500, height: 350 }, deviceScaleFactor: 2 },
}

/**
 * What axe finds wrong with a page, or with its colours alone. Ours have no frames; for those alone it would open a second
 * page at each look.
 */
export async function violations(page: Page, of: 'all' | 'colours' = 'all'): Promise<readonly string[]> {
  expect(page.frames()).toHaveLength(1)
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ ...onlyWrong })
  const { violations: found } = await (of === 'all' ? axe : axe.withRules([...rulesOfColours])).analyze()
  return found.map(({ id }) => id)
}

/** Contrast is not a matter of width, nor anything else of colours: axe, which takes its time, looks at each once. */
export async function expectAccessible(
  page: Page,
  where: string,
  { colorScheme }: BrowserContextOptions,
): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), where).toBe(true)
  if (!colorScheme) return
  expect(
    (await violations(page, colorScheme === 'dark' ? 'colours' : 'all')).map((id) => `${where} ${id}`),
  ).toEqual([])
}
