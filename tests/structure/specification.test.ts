import { expect, test } from 'vitest'
import { files, readFile, sourceFiles } from './source-file.ts'
import { testTitles } from './test-title.ts'

/** The identifiers of SPEC.md, in its order: its rules are list items that begin with a bold identifier. */
const rules = () =>
  [...readFile('SPEC.md').matchAll(/^- \*\*([A-Z]{1,2}\d+(?:\.\d+)*)\*\* /gm)].map(([, id]) => id ?? '')

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

/** `T1.2`, and the groups of the truth by themselves: `T9`. */
const citation = /\b[A-Z]{1,2}\d{1,2}\.\d{1,2}\b|\b[TP]\d\b/g
const comment = /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g

test('H3.2 every rule that a comment or a page cites is in SPEC.md', () => {
  const known = rules()
  const isKnown = (cited: string) =>
    cited.includes('.') ? known.includes(cited) : known.some((rule) => rule.startsWith(`${cited}.`))
  const texts = [
    ...sourceFiles().map(({ path, text }) => ({ path, text: text.match(comment)?.join('\n') ?? '' })),
    ...files()
      .filter((path) => path.endsWith('.md') && path !== 'CHANGELOG.md')
      .map((path) => ({ path, text: readFile(path) })),
  ]
  const cited = texts.flatMap(({ path, text }) => (text.match(citation) ?? []).map((id) => ({ path, id })))
  expect(cited.length).toBeGreaterThan(20)
  expect(cited.filter(({ id }) => !isKnown(id))).toEqual([])
})
