import { readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { Stryker } from '@stryker-mutator/core'
import { inRoot, root } from '../../../scripts/root.ts'
import { decidingFiles, decidingForVisitors, decidingOnRoomPages } from '../deciding-files.ts'
import { equivalent } from './equivalent.ts'
import { compare, type Mutant, mutantOf } from './mutants.ts'

/**
 * Changes what decides in every way that Stryker knows, one at a time, and runs the tests of `vitest.config.ts` on each
 * mutant. Ends with 1 when one survived that is not known to be equivalent. Where files are named, only these are
 * changed.
 */
const named = process.argv.slice(2)
const files = named.length > 0 ? named : [...decidingFiles, ...decidingOnRoomPages, ...decidingForVisitors]
/** As Stryker finds them now. */
const texts = new Map(files.map((file) => [file, readFileSync(inRoot(file), 'utf8')]))
const results = await new Stryker({
  mutate: [...files],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'tests/prove/mutation/vitest.config.ts', related: false },
  // Stryker would read it by an interface that TypeScript 7 no longer has; the copy needs no change.
  tsconfigFile: 'left-as-it-is.json',
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // A mutant that never ends costs this much more than its tests, in milliseconds.
  timeoutMS: 5_000,
  tempDirName: 'output/prove/mutated',
  ignorePatterns: ['/assets', '/data', '/docs', '/output'],
  reporters: ['progress-append-only', 'html'],
  htmlReporter: { fileName: 'output/prove/mutation.html' },
  allowConsoleColors: false,
}).runMutationTest()

type Status = (typeof results)[number]['status']

const mutantsThat = (...statuses: readonly Status[]): Mutant[] =>
  results
    .filter(({ status }) => statuses.includes(status))
    .map((result) => {
      const file = relative(root, result.fileName).replaceAll(sep, '/')
      return mutantOf(result, file, texts.get(file) ?? '')
    })

const survived = mutantsThat('Survived', 'NoCoverage')
const timedOut = mutantsThat('Timeout')
const { unnoticed, stale } = compare(
  { survived, timedOut },
  equivalent.filter(({ file }) => files.includes(file)),
)

for (const mutant of unnoticed) console.log(`survived:\n${JSON.stringify(mutant, null, 2)}`)
for (const { file, original, replacement } of stale)
  console.log(
    `${file}: "${original}" → "${replacement}" is listed as equivalent, and is killed or not there.`,
  )
console.log(
  `\ntried: ${results.length} changes, ${results.length - survived.length} noticed, ` +
    `${timedOut.length} of them by taking too long, ` +
    `${survived.length - unnoticed.length} known to change nothing, ${unnoticed.length} unnoticed`,
)
process.exit(unnoticed.length + stale.length > 0 ? 1 : 0)
