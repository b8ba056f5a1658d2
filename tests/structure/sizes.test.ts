import { expect, test } from 'vitest'
import { loadedBy, loadedSize, mostLoaded } from '../support/loaded-size.ts'
import { sourceFiles } from './source-file.ts'

/** The value below which `share` of the sorted numbers lie. */
const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

function sizes(part: string) {
  const lines = sourceFiles()
    .filter(({ path }) => path.startsWith(part))
    .map((file) => file.lines)
    .sort((a, b) => a - b)
  return {
    part: part || 'all',
    files: lines.length,
    lines: lines.reduce((sum, n) => sum + n, 0),
    median: quantile(lines, 0.5),
    '90 %': quantile(lines, 0.9),
    biggest: lines.at(-1) ?? 0,
  }
}

test('H2.1 the sizes of files are printed by part, and no part is empty', () => {
  const parts = [
    'protocol/',
    'platform/',
    'messages/',
    'design/',
    'components/',
    'entrypoints/',
    'assets/',
    'server/',
    'web/',
    'scripts/',
    'tests/',
    '',
  ].map(sizes)
  console.table(parts)
  expect(parts.filter((part) => part.files === 0)).toEqual([])
})

test.each(['chrome', 'firefox'] as const)(
  'H5.5 the popup of %s opens with no more than it may, the ring tone with a line of its own, and the worker is one script',
  (target) => {
    for (const [file, most] of Object.entries(mostLoaded))
      expect(loadedSize(target, file), file).toBeLessThanOrEqual(most)
    expect([...loadedBy(target, 'background.js')]).toEqual(['background.js'])
    expect(loadedSize(target, 'offscreen.html')).toBeLessThan(1_000)
  },
)
