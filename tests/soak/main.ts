import type { TestCase } from 'vitest/node'
import { ensureBrowsers } from '../../scripts/browsers/ensure-browsers.ts'
import { ensureNodeServices, fakeTime, nodeServices } from '../../scripts/nodes/ensure-node-services.ts'
import { readCommandLine } from '../../server/command-line.ts'
import { buildForBrowsers } from '../support/build-for-browsers.ts'
import { chosenPrograms, programsHelp } from '../support/chosen-programs.ts'
import { ProgressReporter, runWithVitest } from '../support/run-with-vitest.ts'
import { parseSoakOptions, passOn, soakOptionWords } from './options.ts'

type Row = Readonly<Record<string, string | number>>

declare module 'vitest' {
  interface TaskMeta {
    rows?: readonly Row[]
    /** What `npm run prove` puts into its table. */
    found?: readonly string[]
  }
}

/** Each is a file `NAME.soak.ts` here. */
const soaks = {
  browsers: 'both browsers with nobody at the keyboard',
  nodes: 'three nodes under calls, while nodes, NATS and PostgreSQL are killed and frozen at random',
  faults:
    'each fault of nodes, NATS and PostgreSQL by itself: how long the light was wrong, and what became of calls',
  draining: 'a rolling restart of three nodes under 5,000 devices and 20 calls a second',
} as const

const help = programsHelp(
  'npm run soak',
  'Leaves browsers and servers alone for long, or breaks what they are made of, and looks whether the light stays true and no call is lost.',
  soaks,
  {
    options: soakOptionWords,
    examples: ['npm run soak -- browsers --minutes 10 --faults', 'npm run soak -- nodes --calls 10000'],
    more: 'Ends with 1 when a bound was broken.',
  },
)

class RowReporter extends ProgressReporter {
  onUserConsoleLog({ content }: { readonly content: string }): void {
    process.stdout.write(content)
  }

  override onTestCaseResult(test: TestCase): void {
    super.onTestCaseResult(test)
    const { rows = [], found = [] } = test.meta()
    console.table(rows)
    for (const line of found) console.log(`tried: ${line}`)
  }
}

/** Installs what a soak needs, where that can be done. @returns what the person has to do first, if anything. */
function ensureNeeds(chosen: readonly string[]): string | undefined {
  const browsers = chosen.includes('browsers') ? ensureBrowsers() : undefined
  if (browsers !== undefined || chosen.every((name) => name === 'browsers')) return browsers
  return ensureNodeServices(chosen.includes('faults') ? [...nodeServices, fakeTime] : nodeServices)
}

/**
 * Runs the soaks that are named, or all of them.
 *
 * @returns 1 when a bound was broken, or what one needs is not there; 2 for a soak that there is not.
 */
async function soak(given: ReturnType<typeof parseSoakOptions>): Promise<0 | 1 | 2> {
  const chosen = chosenPrograms('npm run soak', soaks, given.names)
  if (!chosen) return 2
  const { minutes, faults, seed } = given.options
  passOn(given.options)
  const advice = ensureNeeds(chosen)
  if (advice !== undefined) {
    console.log(advice)
    return 1
  }
  if (chosen.includes('browsers')) {
    await buildForBrowsers()
    console.log(`Browsers: ${minutes} minutes ${faults ? 'with faults at random' : 'without faults'}.`)
  }
  console.log(`What is at random is so by --seed ${seed}.`)
  const reporter = new RowReporter()
  await runWithVitest(
    chosen.map((name) => `tests/soak/${name}.soak.ts`),
    reporter,
  )
  console.log(reporter.failed.length > 0 ? '\nA bound was broken.' : '\nEvery bound was kept.')
  return reporter.failed.length > 0 ? 1 : 0
}

process.exit(await soak(readCommandLine(help, (argv) => parseSoakOptions(argv, help))))
