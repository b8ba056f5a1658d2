import type { Reporter, TestCase, TestModule } from 'vitest/node'
import type { Tried } from './count.ts'

interface Row extends Omit<Tried, 'through'> {
  through: number
  seconds: number
}

/** Prints, after a run, what was attacked: each role and class with how many inputs were tried and got through. */
export default class AttackReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = rowsOf(modules.flatMap((module) => [...module.children.allTests()]))
    if (rows.length > 0) console.log(`\n${tableOf(rows)}`)
  }
}

function rowsOf(tests: readonly TestCase[]): readonly Row[] {
  const rows = new Map<string, Row>()
  for (const test of tests) {
    const all = test.meta().tried ?? []
    // A test that failed otherwise than by its count has found something too.
    const found = test.result().state === 'failed' && all.every(({ through }) => through.length === 0)
    for (const { role, kind, inputs, through } of all) {
      const key = `${role} ${kind}`
      const row = rows.get(key) ?? { role, kind, inputs: 0, through: 0, seconds: 0 }
      row.inputs += inputs
      row.through += found ? 1 : through.length
      row.seconds += (test.diagnostic()?.duration ?? 0) / 1_000 / all.length
      rows.set(key, row)
    }
  }
  return [...rows.values()].toSorted((one, other) => one.role.localeCompare(other.role))
}

function tableOf(rows: readonly Row[]): string {
  const sum = (of: 'inputs' | 'through' | 'seconds') => rows.reduce((all, row) => all + row[of], 0)
  const widest = Math.max(...rows.map(({ kind }) => kind.length))
  const line = (role: string, kind: string, ...rest: readonly (string | number)[]) =>
    ['', role.padEnd(12), kind.padEnd(widest), ...rest.map((part) => String(part).padStart(8))].join(' ')
  return [
    line('hostile', 'class of attack', 'inputs', 'through', 'seconds'),
    ...rows.map(({ role, kind, inputs, through, seconds }) =>
      line(role, kind, inputs, through, seconds.toFixed(1)),
    ),
    line('all', `${rows.length} classes`, sum('inputs'), sum('through'), sum('seconds').toFixed(1)),
  ].join('\n')
}
