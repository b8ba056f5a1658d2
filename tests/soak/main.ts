import type { TestCase } from 'vitest/node'
import { readCommandLine } from '../../server/command-line.ts'
import { buildForBrowsers } from '../support/build-for-browsers.ts'
import { chosenPrograms, programsHelp } from '../support/chosen-programs.ts'
import { ProgressReporter, runWithVitest } from '../support/run-with-vitest.ts'
import { parseSoakOptions, passOn, soakOptionWords } from './options.ts'

type Row = Readonly<Record<string, string | number>>

declare module 'vitest' {
  interface TaskMeta {
    rows?: readonly Row[]
  }
}

/** Each is a file `NAME.soak.ts` here. */
const soaks = { browsers: 'both browsers with nobody at the keyboard' } as const

const help = programsHelp(
  'npm run soak',
  'Leaves browsers and a server alone for long, and looks whether the light stays true.',
  soaks,
  {
    options: soakOptionWords,
    examples: ['npm run soak -- --minutes 10 --faults'],
    more: 'Ends with 1 when a bound was broken.',
  },
)

class RowReporter extends ProgressReporter {
  override onTestCaseResult(test: TestCase): void {
    super.onTestCaseResult(test)
    const { rows = [] } = test.meta()
    console.table(rows)
    for (const row of rows) console.log(tried(row))
  }
}

/** What `npm run prove` puts into its table. */
const tried = (row: Row) =>
  `tried: ${row.browser}: ${row.faults} faults, at most ${row['longest false green']} of false green, ` +
  `back after at most ${row['longest from mended to green']}, ${row['calls acknowledged']} calls acknowledged`

/**
 * Runs the soaks that are named, or all of them.
 *
 * @returns 1 when a bound was broken; 2 for a soak that there is not.
 */
async function soak(given: ReturnType<typeof parseSoakOptions>): Promise<0 | 1 | 2> {
  const chosen = chosenPrograms('npm run soak', soaks, given.names)
  if (!chosen) return 2
  const { minutes, faults, seed } = given.options
  passOn(given.options)
  await buildForBrowsers()
  console.log(`${minutes} minutes ${faults ? `with faults at random (--seed ${seed})` : 'without faults'}.`)
  const reporter = new RowReporter()
  await runWithVitest(
    chosen.map((name) => `tests/soak/${name}.soak.ts`),
    reporter,
  )
  console.log(reporter.failed.length > 0 ? '\nA bound was broken.' : '\nEvery bound was kept.')
  return reporter.failed.length > 0 ? 1 : 0
}

process.exit(await soak(readCommandLine(help, (argv) => parseSoakOptions(argv, help))))
