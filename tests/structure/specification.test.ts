import { expect, test } from 'vitest'
import { readFile } from './source-file.ts'
import { testTitles } from './test-title.ts'

/** The identifiers of SPEC.md, in its order: its rules are list items that begin with a bold identifier. */
const rules = () =>
  [...readFile('SPEC.md').matchAll(/^- \*\*([A-Z]\d+(?:\.\d+)*)\*\* /gm)].map(([, id]) => id ?? '')

test('H3.1 every rule of SPEC.md has a test that names it', () => {
  const shown = new Set(testTitles().flatMap((title) => title.rules))
  expect(rules().length).toBeGreaterThan(50)
  expect(rules().filter((rule) => !shown.has(rule))).toEqual([])
})

test('H3.2 every test begins with a rule, and SPEC.md has that rule once', () => {
  const known = rules()
  const titles = testTitles()
  expect(known.filter((rule, index) => known.indexOf(rule) !== index)).toEqual([])
  expect(titles.length).toBeGreaterThan(100)
  const strays = titles.filter(
    (title) => title.rules.length === 0 || title.rules.some((rule) => !known.includes(rule)),
  )
  expect(strays.map(({ path, title }) => `${path}: ${title}`)).toEqual([])
})
