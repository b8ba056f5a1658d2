import { expect, test } from 'vitest'
import { believedFor, defaultTiming } from '../../protocol/timing.ts'
import { type FaultName, faults } from './nodes/faults.ts'
import { measureFault, whatBecame } from './nodes/measure-fault.ts'
import { soakOptions } from './options.ts'

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
const { only } = soakOptions()

for (const name of (Object.keys(faults) as FaultName[]).filter((one) => one.includes(only)))
  test(name, { timeout: 400_000 }, async (context) => {
    const { falselyGreen, greenAfter, verdict } = await measureFault(name)
    const row = {
      fault: name,
      'falsely green at most': seconds(falselyGreen),
      'all green again after': seconds(greenAfter),
      calls: whatBecame(verdict),
    }
    context.task.meta.rows = [row]
    context.task.meta.found = [`| ${Object.values(row).join(' | ')} |`]
    const wrong = [...verdict.lost, ...verdict.doubled, ...verdict.disagreeing]
    if (wrong.length > 0) throw new Error(wrong.join('\n'))
    expect(falselyGreen).toBeLessThan(believedFor(defaultTiming) + 500)
  })
