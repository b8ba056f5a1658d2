import { availableParallelism, loadavg } from 'node:os'
import { buildExtension } from '../../scripts/extension/build-extension.ts'
import { runWithVitest } from '../../scripts/run-with-vitest.ts'
import { FigureTable } from './figure-table.ts'
import { isPart, type Part, parts } from './parts.ts'

const usage = () =>
  Object.entries(parts)
    .map(([name, what]) => `  npm run bench -- ${name.padEnd(12)} ${what}`)
    .join('\n')

/**
 * Measures the parts that are named, or all of them, and prints a table. Vitest runs them, one after the
 * other, because it ends what a part has started however the part ends.
 *
 * @returns 0, even when an aim was missed; 1 when something broke; 2 for a part that there is not.
 */
export async function runBench(names: readonly string[]): Promise<0 | 1 | 2> {
  const strange = names.filter((name) => !isPart(name))
  if (strange.length > 0) {
    console.log(`There is no part ${strange.join(' or ')}. There are:\n${usage()}`)
    return 2
  }
  const chosen = names.length > 0 ? names.filter(isPart) : (Object.keys(parts) as Part[])
  await buildExtension('chrome')
  console.log(
    `Node ${process.versions.node} on ${availableParallelism()} cores, busy with ${loadavg()[0]?.toFixed(1)} ` +
      'processes just now: the quieter the machine, the truer the figures.\n',
  )
  const table = new FigureTable()
  for (const part of chosen) await runWithVitest([`tests/bench/${part}.bench.ts`], table)
  console.log(`\n${table}`)
  if (table.names.length > 0) console.log(`\nCould not be measured: ${table.names.join(', ')}`)
  return table.names.length > 0 ? 1 : 0
}
