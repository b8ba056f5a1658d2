import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { startVitest } from 'vitest/node'
import { root } from '../../scripts/root.ts'
import { decidingFiles } from './deciding-files.ts'
import { type Unreached, unreached } from './unreached.ts'

/**
 * Runs random schedules and nothing else, until they have reached every branch of what decides. Ends with 1 when one is
 * left that `unreached.ts` does not give a reason for. `TRUTH_SEED` says which schedules. Where files are named, only
 * these are looked at.
 */
const named = process.argv.slice(2)
const files = named.length > 0 ? named : decidingFiles
const folder = mkdtempSync(join(tmpdir(), 'reachable-coverage-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** So many of each property at a time, and so many times at most. */
const schedules = 500
const mostTimes = 12

/** What Istanbul's report says of a file, as far as it concerns branches. Lines count from 1. */
interface FileCoverage {
  readonly branchMap: { readonly [id: string]: { readonly locations: readonly Location[] } }
  readonly b: { readonly [id: string]: readonly number[] }
}

interface Location {
  readonly start: Position
  readonly end: Position
}

interface Position {
  readonly line?: number
  readonly column?: number
}

interface Branch {
  readonly file: string
  readonly line: number
  readonly text: string
  readonly times: number
}

/** The branches of a file, but for those that the types rule out: `satisfies never`. */
function branchesOf(file: string, text: string, { branchMap, b }: FileCoverage): Branch[] {
  const lines = text.split('\n')
  return Object.entries(branchMap).flatMap(([id, { locations }]) =>
    locations.flatMap((location, i) => {
      const line = location.start.line ?? locations[0]?.start.line ?? 1
      const there = lines.slice(line - 1, location.end.line ?? line).join('\n')
      if (/^\s*default:[\s\S]*satisfies never/.test(there)) return []
      return [{ file, line, text: (lines[line - 1] ?? '').trim(), times: b[id]?.[i] ?? 0 }]
    }),
  )
}

const isAt =
  ({ file, line }: Unreached) =>
  (branch: Branch) =>
    branch.file === file && branch.text === line

/** @returns every branch, with how often these schedules took it; undefined when a property does not hold. */
async function runSchedules(seed: number): Promise<Branch[] | undefined> {
  Object.assign(process.env, { RANDOM_SCHEDULES: String(schedules), TRUTH_SEED: String(seed) })
  const vitest = await startVitest([], {
    root,
    config: false,
    watch: false,
    include: ['tests/prove/random-schedules.ts'],
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

const at = ({ file, line, text }: Branch) => `${file}:${line}: ${text}`

const first = Number(process.env.TRUTH_SEED ?? 1)
let branches: Branch[] = []
let left: Branch[] = []
let unexplained: Branch[] = []
let times = 0
do {
  const found = await runSchedules(first + times)
  if (!found) process.exit(1)
  times += 1
  branches = found.map((branch, i) => ({ ...branch, times: branch.times + (branches[i]?.times ?? 0) }))
  left = branches.filter((branch) => branch.times === 0)
  unexplained = left.filter((branch) => !unreached.some((known) => isAt(known)(branch)))
  if (unexplained.length > 0)
    console.log(`not yet, after ${times * schedules} schedules: ${unexplained.map(at).join('; ')}`)
} while (unexplained.length > 0 && times < mostTimes)
const stale = unreached.filter(
  (known) => files.includes(known.file) && !known.seldom && !left.some(isAt(known)),
)

for (const branch of unexplained) console.log(`never: ${at(branch)}`)
for (const { file, line } of stale)
  console.log(`listed as unreached, and reached or not there: ${file}: ${line}`)
console.log(
  `\ntried: ${(times * schedules).toLocaleString('en')} schedules of each property: ` +
    `${branches.length - left.length} of ${branches.length} branches of ${files.length} files, ` +
    `${left.length - unexplained.length} beyond the simulation, ${unexplained.length} never reached`,
)
process.exit(unexplained.length + stale.length > 0 ? 1 : 0)
