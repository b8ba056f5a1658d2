import { describe, expect, test } from 'vitest'
import { believedFor, defaultTiming } from '../../protocol/timing.ts'
import { type FaultName, faults } from './nodes/faults.ts'
import { measureFault, whatBecame } from './nodes/measure-fault.ts'
import { soakOptions } from './options.ts'

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
const { only, atOnce } = soakOptions()
const names = (Object.keys(faults) as FaultName[]).filter((one) => one.includes(only))
/** Milliseconds that a busy machine may take longer, and how many devices there are. */
const [slack, devices] = atOnce ? [1_500, 12] : [500, 24]

describe('faults of nodes', { concurrent: atOnce }, () => {
  test.for(names)('%s', { timeout: 400_000 }, async (name, context) => {
    const { falselyGreen, greenAfter, verdict } = await measureFault(name, devices)
    const row = {
      fault: name,
      'falsely green at most': seconds(falselyGreen),
      'all green again after': seconds(greenAfter),
      calls: whatBecame(verdict),
    }
    context.task.meta.rows = [row]
    context.task.meta.found = [`| ${Object.values(row).join(' | ')} |`]
    const { lost, doubled, disagreeing, refused } = verdict
    const wrong = [...lost, ...doubled, ...disagreeing, ...refused]
    if (wrong.length > 0) throw new Error(wrong.join('\n'))
    expect(falselyGreen).toBeLessThan(believedFor(defaultTiming) + slack)
  })
})
