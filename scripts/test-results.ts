import { existsSync, readFileSync } from 'node:fs'
import * as v from 'valibot'

const results = v.object({
  numPassedTests: v.number(),
  numFailedTests: v.number(),
  success: v.boolean(),
  testResults: v.array(v.object({ status: v.string(), assertionResults: v.array(v.unknown()) })),
})

export interface Counts {
  readonly passed: number
  readonly failed: number
}

/** Counts what vitest's JSON report tells; a file that could not even be loaded counts as one failure. */
export function countResults(file: string): Counts {
  if (!existsSync(file)) return { passed: 0, failed: 1 }
  const report = v.parse(results, JSON.parse(readFileSync(file, 'utf8')))
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  )
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length }
}
