import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { startVitest } from 'vitest/node'
import { root } from '../root.ts'
import { type Branch, branchesOf, type FileCoverage } from './branches.ts'
import { decided } from './decided.ts'
import { type Unreached, unreached } from './unreached.ts'

/**
 * Lives through random schedules and nothing else, and counts which branches of what decides they reach. Ends with 1
 * when one is left that `unreached.ts` does not give a reason for. `JUDGE_SCHEDULES` and `JUDGE_SEED` say how many of
 * each property, and which.
 */
const folder = mkdtempSync(join(tmpdir(), 'reachable-coverage-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const vitest = await startVitest([], {
  root,
  config: false,
  watch: false,
  include: ['scripts/prove/schedules-judge.ts'],
  reporters: ['dot'],
  coverage: {
    enabled: true,
    provider: 'v8',
    include: [...decided],
    reporter: ['json'],
    reportsDirectory: folder,
  },
})
const failed = vitest.state.getCountOfFailedTests() > 0 || vitest.state.getUnhandledErrors().length > 0
await vitest.close()

const report = JSON.parse(readFileSync(join(folder, 'coverage-final.json'), 'utf8')) as {
  readonly [path: string]: FileCoverage
}
const branches = Object.entries(report).flatMap(([path, file]) =>
  branchesOf(relative(root, path).replaceAll(sep, '/'), readFileSync(path, 'utf8'), file),
)
const left = branches.filter(({ times }) => times === 0)
const isAt =
  ({ file, line }: Unreached) =>
  (branch: Branch) =>
    branch.file === file && branch.text === line
const strange = left.filter((branch) => !unreached.some((known) => isAt(known)(branch)))
const stale = unreached.filter((known) => !left.some(isAt(known)))

for (const { file, line, text } of strange) console.log(`never: ${file}:${line}: ${text}`)
for (const { file, line } of stale)
  console.log(`listed as unreached, and reached or not there: ${file}: ${line}`)
console.log(
  `\ntried: ${process.env.JUDGE_SCHEDULES ?? 100} schedules of each property: ` +
    `${branches.length - left.length} of ${branches.length} branches of ${Object.keys(report).length} files, ` +
    `${left.length - strange.length} beyond the simulation, ${strange.length} never reached`,
)
process.exit(failed || strange.length + stale.length > 0 ? 1 : 0)
