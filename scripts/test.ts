import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CommandHelp, helpIfAsked } from '../server/command-line.ts'
import { ensureBrowsers } from './browsers/ensure-browsers.ts'
import { buildExtension } from './build-extension.ts'
import { buildWeb } from './build-web.ts'
import { runChecks } from './check.ts'
import { memoryFolder } from './memory-folder.ts'
import { ensureNodeServices, nodeServices, relay } from './nodes/ensure-node-services.ts'
import { inRoot } from './root.ts'
import { runTool } from './run-tool.ts'
import { readTestResults } from './test-results.ts'

const help: CommandHelp = {
  command: 'npm test',
  does: 'Checks everything: types, format, what is unused, and every test, those in real browsers too. Ends with one line that counts what passed and failed.',
  ways: [['[WORDS FOR VITEST]', '']],
  options: [
    [
      '--project NAME',
      'only tests of a kind: extension, web, server, hostile, structure, frames, programs, nodes, unattended, chromium, firefox',
    ],
    ['-t WORDS', 'only tests whose titles hold these words, such as the number of a rule'],
  ],
  examples: ['npm test', 'npm test -- tests/server', "npm test -- --project firefox -t 'E3'"],
  more: 'As root on Debian it installs Chromium, Firefox, PostgreSQL, NATS and coturn where they are missing; elsewhere it says what to do.',
}

helpIfAsked(help, process.argv.slice(2))

/** Ends with the one line that sums everything up. */
function close({ passed, failed }: { readonly passed: number; readonly failed: number }): never {
  console.log(`\n${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}

const advice = ensureBrowsers() ?? ensureNodeServices([...nodeServices, relay])
if (advice) {
  console.log(advice)
  close({ passed: 0, failed: 1 })
}

console.log('Building the extension for Chromium and for Firefox, and the pages of the server.')
try {
  for (const target of ['chrome', 'firefox'] as const) await buildExtension(target)
  await buildWeb()
} catch (error) {
  console.log(error instanceof Error ? error.message : error)
  close({ passed: 0, failed: 1 })
}

console.log('Checking types, format and what is unused.')
const checks = await runChecks()

console.log('Running the tests, those in real browsers last. The whole takes some minutes.')
const reportFile = inRoot('output', 'test-results.json')
rmSync(reportFile, { force: true })
const { ok } = await runTool(
  'vitest',
  [
    'run',
    '--reporter=default',
    '--reporter=./tests/hostile/attack-reporter.ts',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
    ...process.argv.slice(2),
  ],
  {
    env: {
      // Hundreds of processes load the same sources: each worker, and each server that tests start.
      NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
      TMPDIR: memoryFolder() ?? tmpdir(),
    },
  },
)
const counted = readTestResults(reportFile)
// Told again, since what the tests print after them is long.
if (counted.failures.length > 0) console.log(`\nWhat failed:\n\n${counted.failures.join('\n\n')}`)
const failed = counted.failed === 0 && !ok ? 1 : counted.failed
close({ passed: checks.passed.length + counted.passed, failed: checks.failed.length + failed })
