import { rmSync } from 'node:fs'
import { ensureBrowsers } from './browsers/ensure-browsers.ts'
import { runChecks } from './checks.ts'
import { buildExtension } from './extension/build-extension.ts'
import { inRoot } from './root.ts'
import { runTool } from './run-tool.ts'
import { type Counts, countResults } from './test-results.ts'

/** Ends with the one line that sums everything up. */
function close({ passed, failed }: Counts): never {
  console.log(`\n${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}

const advice = ensureBrowsers()
if (advice) {
  console.log(advice)
  close({ passed: 0, failed: 1 })
}

console.log('Building the extension for Chromium and for Firefox.')
for (const target of ['chrome', 'firefox'] as const)
  await buildExtension(target).catch((error: unknown) => {
    console.log(error instanceof Error ? error.message : error)
    close({ passed: 0, failed: 1 })
  })

console.log('Checking types, format and what is unused.')
const checks = await runChecks()

console.log('Running the tests, those in real browsers last. The whole takes some minutes.')
const report = inRoot('output', 'test-results.json')
rmSync(report, { force: true })
const { ok } = await runTool('vitest', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
])
const counted = countResults(report)
const failed = counted.failed === 0 && !ok ? 1 : counted.failed
close({ passed: checks.passed.length + counted.passed, failed: checks.failed.length + failed })
