import type { TestCase } from 'vitest/node'
import { buildLocators } from '../../scripts/browsers/build-locators.ts'
import { buildExtension } from '../../scripts/extension/build-extension.ts'
import { Failures } from '../../scripts/failures.ts'
import { runWithVitest } from '../../scripts/run-with-vitest.ts'
import { parseSoakOptions } from './soak-options.ts'

declare module 'vitest' {
  interface TaskMeta {
    rows?: readonly Readonly<Record<string, string | number>>[]
  }
}

/** Each a file `NAME.soak.ts` in tests/soak. */
const parts = ['browsers']
const usage = `npm run soak -- ${parts.join(' | ')} [--minutes 60] [--faults] [--seed NUMBER]`

class SoakTable extends Failures {
  override onTestCaseResult(test: TestCase): void {
    super.onTestCaseResult(test)
    console.table(test.meta().rows)
  }
}

async function soak(): Promise<0 | 1 | 2> {
  let asked: ReturnType<typeof parseSoakOptions>
  try {
    asked = parseSoakOptions(process.argv.slice(2))
  } catch (fault) {
    console.log(`${fault instanceof Error ? fault.message : fault}\n${usage}`)
    return 2
  }
  const { names, options } = asked
  const chosen = names.length > 0 ? names : parts
  const strange = chosen.filter((name) => !parts.includes(name))
  if (strange.length > 0) {
    console.log(`There is no soak ${strange.join(' or ')}.\n${usage}`)
    return 2
  }
  for (const target of ['chrome', 'firefox'] as const) await buildExtension(target)
  await buildLocators()
  const faults = options.faults ? `with faults at random (--seed ${options.seed})` : 'without faults'
  console.log(`${options.minutes} minutes ${faults}: ${chosen.join(', ')}.`)
  const table = new SoakTable()
  for (const part of chosen) await runWithVitest([`tests/soak/${part}.soak.ts`], table)
  console.log(table.names.length > 0 ? '\nA bound was broken.' : '\nEvery bound was kept.')
  return table.names.length > 0 ? 1 : 0
}

process.exit(await soak())
