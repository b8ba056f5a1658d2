import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { files, membersOf, readFile, sourceFiles } from './source-file.ts'
import { testFiles } from './test-title.ts'

const texts = () =>
  files()
    .filter((path) => !/\.(png|ico|wav|gz|zip)$/.test(path) && path !== 'tests/structure/repository.test.ts')
    .map((path) => ({ path, text: readFile(path) }))

function linesWith(pattern: RegExp): readonly string[] {
  return texts().flatMap(({ path, text }) =>
    text
      .split('\n')
      .filter((line) => pattern.test(line))
      .map((line) => `${path}: ${line.trim().slice(0, 160)}`),
  )
}

test('H2.2 files are named in kebab case, components in Pascal case, and none for nothing in particular', () => {
  const misnamed = sourceFiles().filter(({ path }) => {
    const file = basename(path)
    const name = file.replace(/(\.(test|bench|picture|soak|config))?\.(tsx|ts|mjs)$/, '')
    if (/^(utils?|helpers?|common|misc|types)$/.test(name)) return true
    return !(
      /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) ||
      (/^[A-Z][A-Za-z0-9]+$/.test(name) && path.endsWith('.tsx')) ||
      /^[A-Z].*\.test\.tsx?$/.test(file)
    )
  })
  expect(misnamed.map(({ path }) => path)).toEqual([])
})

test('H4.1 no file knows the machine that it was written on', () => {
  expect(linesWith(/(^|[\s'"`(=:])\/(root|work|tmp\/team|home\/\w+|Users\/\w+)\//)).toEqual([])
})

test('H4.3 no test is skipped, focused or put off', () => {
  const set = testFiles().flatMap((file) =>
    membersOf(file, ['test', 'it', 'describe'])
      .filter((member) => ['only', 'skip', 'todo', 'fails', 'skipIf', 'runIf'].includes(member))
      .map((member) => `${file.path}: ${member}`),
  )
  expect(set).toEqual([])
})

/**
 * What names a sleep to look for it; what looks at a badge or at a server at a pace, for as long as it is told to; and what
 * presses keys no faster than a page that guards against stray ones takes them.
 */
const maySleep = [
  'tests/structure/repository.test.ts',
  'tests/support/accessibility.ts',
  'tests/support/unattended/watch-badge.ts',
  'tests/end-to-end/moves.test.ts',
  'tests/support/nodes/balancer.ts',
  'tests/support/nodes/caller.ts',
  'tests/support/nodes/postgres-cluster.ts',
  'tests/support/nodes/start-nodes.ts',
]

test('H4.3 no test sleeps for a fixed time', () => {
  const sleepers = testFiles().flatMap(({ path, text }) =>
    /\bsetTimeout\((resolve|done|r|ok),|timers\/promises|waitForTimeout/.test(text) &&
    !maySleep.includes(path)
      ? [path]
      : [],
  )
  expect(sleepers).toEqual([])
})

test('H4.5 what is put off says since when and why', () => {
  const notes = linesWith(/\b(TODO|FIXME|XXX|HACK)\b/).filter(
    (line) => !/TODO \(\d{4}-\d{2}-\d{2}\): \S/.test(line),
  )
  const suppressions = linesWith(/biome-ignore|@ts-expect-error|@ts-ignore/).filter(
    (line) => !/: \S+ \S+/.test(line),
  )
  expect([...notes, ...suppressions]).toEqual([])
})

test('H7.5 how TypeScript is read stands in a file of the repository, and in none that a build makes', () => {
  const { extends: base } = JSON.parse(readFile('tsconfig.json')) as { readonly extends?: string }
  expect(base === undefined || files().includes(base.replace(/^\.\//, ''))).toBe(true)
})
