import type { TestCase } from 'vitest/node'
import { Failures } from '../../scripts/failures.ts'
import type { Figure } from './figure.ts'
import type { Part } from './parts.ts'

interface Row extends Figure {
  readonly part: Part
}

/** Says what is being measured, what broke, and at the end everything that was found, as a table. */
export class FigureTable extends Failures {
  readonly rows: Row[] = []

  override onTestCaseResult(test: TestCase): void {
    super.onTestCaseResult(test)
    const part = /([\w-]+)\.bench\.ts$/.exec(test.module.moduleId)?.[1] as Part
    for (const figure of test.meta().figures ?? []) {
      this.rows.push({ part, ...figure })
      console.log(`  ${figure.what}: ${figure.measured}`)
    }
  }

  override toString(): string {
    const lines = this.rows.map(({ part, what, measured, aim, met }) => [
      what,
      measured,
      aim,
      met === undefined ? '' : met ? 'met' : 'NOT MET',
      `npm run bench -- ${part}`,
    ])
    const table = [['figure', 'measured', 'aim', '', 'command'], ...lines]
    const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
    return table
      .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   '))
      .join('\n')
  }
}
