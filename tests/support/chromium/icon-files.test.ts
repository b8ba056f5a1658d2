import { expect, test } from 'vitest'
import { fileWithPixels, iconFilesOf } from './icon-files.ts'

/** As `ImageData` has them. */
const unmultiplied = (pixels: Buffer): Buffer =>
  pixels.map((value, at) => {
    const opacity = pixels[at | 3] ?? 0
    return at % 4 === 3 || opacity === 0 ? value : Math.min(255, Math.round((value * 255) / opacity))
  }) as Buffer

test.each([16, 24, 32, 48])(
  'G1.2 of the icons of %i pixels each is known by its own, and nothing else is taken for one',
  (size) => {
    const files = iconFilesOf(size)
    expect(files.length).toBeGreaterThanOrEqual(10)
    for (const { path, pixels } of files) {
      const shown = unmultiplied(pixels)
      expect(fileWithPixels(size, shown)).toBe(path)
      const middle = (size * size) / 2 + size / 2
      const changed = Buffer.from(shown).fill(shown[4 * middle] === 255 ? 0 : 255, 4 * middle, 4 * middle + 4)
      expect(fileWithPixels(size, changed)).toBe('')
    }
    expect(fileWithPixels(size, Buffer.alloc(4 * size * size))).toBe('')
  },
)
