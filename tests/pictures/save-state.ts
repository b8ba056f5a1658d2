import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { inRoot } from '../../scripts/root.ts'

/** Where pictures are that are there to be looked at, and stand in no page. */
const statesFolder = () => inRoot('output', 'pictures')

/** A desktop, a phone, and the narrowest in which a page has to be read without scrolling sideways. */
const windows = [
  { width: 1_280, height: 800 },
  { width: 390, height: 844 },
  { width: 320, height: 568 },
] as const

const schemes = ['light', 'dark'] as const

/** Writes a page as it is now to NAME-light.png and NAME-dark.png of that folder: each has it in every window, side by side. */
export async function saveState(name: string, page: Page): Promise<void> {
  mkdirSync(statesFolder(), { recursive: true })
  const folder = mkdtempSync(join(tmpdir(), 'reachable-pictures-'))
  try {
    for (const colorScheme of schemes) {
      const files: string[] = []
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      for (const size of windows) {
        await page.setViewportSize(size)
        const file = join(folder, `${size.width}.png`)
        writeFileSync(file, await page.screenshot({ fullPage: true, animations: 'allow' }))
        files.push(file)
      }
      const apart = ['-background', '#b0b0b0', '-splice', '24x0', '+append', '-strip']
      execFileSync('convert', [...files, ...apart, join(statesFolder(), `${name}-${colorScheme}.png`)])
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
