import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { startVitest } from 'vitest/node'
import { root } from '../../scripts/root.ts'
import { type Branch, branchesOf, type FileCoverage } from './branches.ts'
import { decided } from './decided.ts'
import { type Unreached, unreached } from './unreached.ts'

/**
 * Lives through random schedules and nothing else, until they have reached every branch of what decides. Ends with 1
 * when one is left that `unreached.ts` does not give a reason for. `JUDGE_SEED` says which schedules. Of files that
 * are named only these are looked at.
 */
const named = process.argv.slice(2)
const files = named.length > 0 ? named : decided
const folder = mkdtempSync(join(tmpdir(), 'reachable-coverage-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** So many of each property at a time, and so many times at most. */
const schedules = 500
const mostTimes = 12

const isAt =
  ({ file, line }: Unreached) =>
  (branch: Branch) =>
    branch.file === file && branch.text === line

/** @returns every branch, with how often these schedules came by it; undefined when a property does not hold. */
async function live(seed: number): Promise<Branch[] | undefined> {
  Object.assign(process.env, { JUDGE_SCHEDULES: String(schedules), JUDGE_SEED: String(seed) })
  const vitest = await startVitest([], {
    root,
    config: false,
    watch: false,
    include: ['tests/prove/schedules-judge.ts'],
    reporters: ['dot'],
    coverage: {
      enabled: true,
      provider: 'v8',
      include: [...files],
      reporter: ['json'],
      reportsDirectory: folder,
    },
  })
  const failed = vitest.state.getCountOfFailedTests() > 0 || vitest.state.getUnhandledErrors().length > 0
  await vitest.close()
  if (failed) return undefined
  const report = JSON.parse(readFileSync(join(folder, 'coverage-final.json'), 'utf8')) as {
    readonly [path: string]: FileCoverage
  }
  return Object.entries(report).flatMap(([path, file]) =>
    branchesOf(relative(root, path).replaceAll(sep, '/'), readFileSync(path, 'utf8'), file),
  )
}

const first = Number(process.env.JUDGE_SEED ?? 1)
let branches: Branch[] = []
let left: Branch[] = []
let strange: Branch[] = []
let times = 0
do {
  const found = await live(first + times)
  if (!found) process.exit(1)
  times += 1
  branches = found.map((branch, i) => ({ ...branch, times: branch.times + (branches[i]?.times ?? 0) }))
  left = branches.filter((branch) => branch.times === 0)
  strange = left.filter((branch) => !unreached.some((known) => isAt(known)(branch)))
} while (strange.length > 0 && times < mostTimes)
const stale = unreached.filter(
  (known) => files.includes(known.file) && !known.seldom && !left.some(isAt(known)),
)

for (const { file, line, text } of strange) console.log(`never: ${file}:${line}: ${text}`)
for (const { file, line } of stale)
  console.log(`listed as unreached, and reached or not there: ${file}: ${line}`)
console.log(
  `\ntried: ${(times * schedules).toLocaleString('en')} schedules of each property: ` +
    `${branches.length - left.length} of ${branches.length} branches of ${files.length} files, ` +
    `${left.length - strange.length} beyond the simulation, ${strange.length} never reached`,
)
process.exit(strange.length + stale.length > 0 ? 1 : 0)
