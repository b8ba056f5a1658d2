import { describe, test } from 'vitest'
import { believedFor, defaultTiming } from '../../protocol/timing.ts'
import type { FaultName } from '../soak/nodes/faults.ts'
import { measureFault } from '../soak/nodes/measure-fault.ts'

/** Milliseconds that a busy machine may take longer. */
const slack = 1_500

interface Bounds {
  readonly falselyGreen: number
  readonly greenAfter: number
}

const bounds: readonly (readonly [FaultName, Bounds])[] = [
  ['SIGKILL of a node', { falselyGreen: 500, greenAfter: 20_000 }],
  [
    'NATS accepts and never answers, for 12 s',
    { falselyGreen: believedFor(defaultTiming), greenAfter: 25_000 },
  ],
  ['SIGKILL of PostgreSQL, back after 4 s', { falselyGreen: 6_000, greenAfter: 25_000 }],
]

describe('faults for real, each with nodes of its own', { concurrent: true }, () => {
  test.each(bounds)(
    'J3.1 %s: no call is lost, and no light is wrong for longer than its bound',
    async (name, most) => {
      const { falselyGreen, greenAfter, verdict } = await measureFault(name, 8)
      const { lost, doubled, disagreeing, refused } = verdict
      const wrong = { lost, doubled, disagreeing, refused }
      if (Object.values(wrong).some((which) => which.length > 0))
        throw new Error(JSON.stringify(wrong, null, 1))
      if (falselyGreen > most.falselyGreen + slack) throw new Error(`falsely green for ${falselyGreen} ms`)
      if (greenAfter > most.greenAfter + slack) throw new Error(`all green only after ${greenAfter} ms`)
    },
  )
})
