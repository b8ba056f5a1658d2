import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import * as v from 'valibot'
import { root } from './root.ts'

/** What a run of the tests came to. */
export interface TestResults {
  readonly passed: number
  /** Tests that failed, and files that could not even be loaded. */
  readonly failed: number
  /** Each of them in a few lines: its file, its title, and why, with the seed of a property. */
  readonly failures: readonly string[]
}

/** Vitest's JSON report, as far as it is read. */
const report = v.object({
  numPassedTests: v.number(),
  numFailedTests: v.number(),
  testResults: v.array(
    v.object({
      name: v.string(),
      status: v.string(),
      message: v.optional(v.string(), ''),
      assertionResults: v.array(
        v.object({
          status: v.string(),
          fullName: v.string(),
          failureMessages: v.optional(v.nullable(v.array(v.string())), []),
        }),
      ),
    }),
  ),
})

/** Lines shown of why a test failed, and characters of each: enough for the seed and the counterexample of a property. */
const most = { lines: 12, characters: 300 }

function describeFailure(file: string, title: string, reason: string): string {
  const lines = stripVTControlCharacters(reason).trim().split('\n').slice(0, most.lines)
  const shown = lines.map((line) =>
    line.length > most.characters ? `${line.slice(0, most.characters)}…` : line,
  )
  return [`✗ ${relative(root, file)}`, title, ...shown.map((line) => `  ${line}`)]
    .filter(Boolean)
    .join('\n  ')
}

/**
 * Counts what a report of Vitest tells, and says what failed in a few lines each.
 *
 * @param file the report, JSON; without one nothing was run, which is one failure.
 * @throws where the file is no such report.
 */
export function readTestResults(file: string): TestResults {
  if (!existsSync(file)) return { passed: 0, failed: 1, failures: [] }
  const { numPassedTests, numFailedTests, testResults } = v.parse(
    report,
    JSON.parse(readFileSync(file, 'utf8')),
  )
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  )
  const failed = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map((test) => ({ name, ...test })),
  )
  return {
    passed: numPassedTests,
    failed: numFailedTests + unloaded.length,
    failures: [
      ...unloaded.map(({ name, message }) => describeFailure(name, '', message)),
      ...failed.map(({ name, fullName, failureMessages }) =>
        describeFailure(name, fullName, failureMessages?.[0] ?? ''),
      ),
    ],
  }
}
