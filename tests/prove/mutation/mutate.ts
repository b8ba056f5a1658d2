import { readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { Stryker } from '@stryker-mutator/core'
import { inRoot, root } from '../../../scripts/root.ts'
import { decided } from '../decided.ts'
import { type Change, changeOf, judge } from './changes.ts'
import { equivalent } from './equivalent.ts'

/**
 * Changes what decides in every way that Stryker knows, one at a time, and lets the tests of `judges.ts` look for
 * each. Ends with 1 when one went unnoticed that is not known to change nothing. Files that are named are
 * changed alone.
 */
const named = process.argv.slice(2)
const files = named.length > 0 ? named : decided
/** As Stryker finds them now. */
const texts = new Map(files.map((file) => [file, readFileSync(inRoot(file), 'utf8')]))
const results = await new Stryker({
  mutate: [...files],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'tests/prove/mutation/judges.ts', related: false },
  // Stryker would read it by an interface that TypeScript 7 no longer has; the copy needs no change.
  tsconfigFile: 'left-as-it-is.json',
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // A change that makes an endless loop costs this much more than its tests, in milliseconds.
  timeoutMS: 5_000,
  tempDirName: 'output/prove/mutated',
  ignorePatterns: ['/assets', '/data', '/docs', '/output'],
  reporters: ['progress-append-only', 'html'],
  htmlReporter: { fileName: 'output/prove/mutation.html' },
  allowConsoleColors: false,
}).runMutationTest()

const alive = results
  .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
  .map((result): Change => {
    const file = relative(root, result.fileName).replaceAll(sep, '/')
    return changeOf(result, file, texts.get(file) ?? '')
  })
const { unnoticed, stale } = judge(
  alive,
  equivalent.filter(({ file }) => files.includes(file)),
)

for (const change of unnoticed) console.log(`alive:\n${JSON.stringify(change, null, 2)}`)
for (const { file, original, replacement } of stale)
  console.log(
    `${file}: "${original}" → "${replacement}" is listed as equivalent, and is noticed or not there.`,
  )
console.log(
  `\ntried: ${results.length} changes, ${results.length - alive.length} noticed, ` +
    `${results.filter(({ status }) => status === 'Timeout').length} of them by never ending, ` +
    `${alive.length - unnoticed.length} known to change nothing, ${unnoticed.length} unnoticed`,
)
process.exit(unnoticed.length + stale.length > 0 ? 1 : 0)
