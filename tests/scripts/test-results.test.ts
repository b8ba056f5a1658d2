import { execFile } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { inRoot } from '../../scripts/root.ts'
import { readTestResults } from '../../scripts/test-results.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const run = promisify(execFile)

/** Runs files of tests with Vitest itself, and reads its report. */
async function resultsOf(files: Readonly<Record<string, string>>) {
  const folder = temporaryFolder()
  symlinkSync(inRoot('node_modules'), join(folder, 'node_modules'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const report = join(folder, 'report.json')
  // It must not take itself for a worker of this one.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')))
  await run(
    process.execPath,
    [
      inRoot('node_modules', 'vitest', 'vitest.mjs'),
      ...['run', '--root', folder, '--reporter=json', `--outputFile.json=${report}`],
    ],
    { env, cwd: folder },
  ).catch(() => undefined)
  return readTestResults(report)
}

test('H7.9 of tests that failed it is told which, and why, with the seed that makes a property fail again', async () => {
  const { passed, failed, failures } = await resultsOf({
    'some.test.ts': `
      import fc from 'fast-check'
      import { expect, test } from 'vitest'
      test('holds', () => expect(1).toBe(1))
      test('does not hold', () =>
        fc.assert(fc.property(fc.nat(), (n) => { expect(n, 'x'.repeat(9_999)).toBeLessThan(7) }), { seed: 4711 }))
    `,
    'broken.test.ts': 'throw new Error("not today")',
  })
  expect([passed, failed, failures.length]).toEqual([1, 2, 2])
  const told = failures.join('\n')
  expect(told).toMatch(/✗ .*broken\.test\.ts[^✗]*not today/)
  expect(told).toMatch(/✗ .*some\.test\.ts\n +does not hold\n[^✗]*seed: 4711[^✗]*Counterexample: \[7\]/)
  expect(told.length).toBeLessThan(6_000)
})

test('H7.9 tests without a report are one failure', () => {
  expect(readTestResults(join(temporaryFolder(), 'none.json'))).toEqual({
    passed: 0,
    failed: 1,
    failures: [],
  })
})
