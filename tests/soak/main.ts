import type { TestCase } from 'vitest/node'
import { buildForBrowsers } from '../support/build-for-browsers.ts'
import { chosenPrograms } from '../support/chosen-programs.ts'
import { ProgressReporter, runWithVitest } from '../support/run-with-vitest.ts'
import { parseSoakOptions, passOn } from './options.ts'

type Row = Readonly<Record<string, string | number>>

declare module 'vitest' {
  interface TaskMeta {
    rows?: readonly Row[]
  }
}

/** Each is a file `NAME.soak.ts` here. */
const soaks = { browsers: 'both browsers with nobody at the keyboard' } as const

const options = '--minutes 60, --seed NUMBER, and --faults to break the way of calls at random'

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
 * @returns 1 when a bound was broken; 2 for a soak or an option that there is not.
 */
async function soak(parameters: readonly string[]): Promise<0 | 1 | 2> {
  let given: ReturnType<typeof parseSoakOptions>
  try {
    given = parseSoakOptions(parameters)
  } catch (error) {
    console.log(`${error instanceof Error ? error.message : error}\nThere are ${options}.`)
    return 2
  }
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

process.exit(await soak(process.argv.slice(2)))
