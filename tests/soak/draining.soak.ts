import { onTestFinished, test } from 'vitest'
import { inRoot } from '../../scripts/root.ts'
import { startNodes } from '../support/nodes/start-nodes.ts'
import { openChronicle } from './nodes/chronicle.ts'
import { measureDraining } from './nodes/measure-draining.ts'
import { whatBecame } from './nodes/measure-fault.ts'
import { soakOptions } from './options.ts'

const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`

test('a rolling restart of three nodes', { timeout: 900_000 }, async (context) => {
  const { devices } = soakOptions()
  const file = inRoot('output', 'soak', 'draining.log')
  const chronicle = openChronicle(file)
  onTestFinished(chronicle.close)
  const nodes = await startNodes({ count: 3, direct: true, onLine: chronicle.note })
  const drained = await measureDraining(nodes, { devices, perSecond: 20, wait: 5_000, chronicle })
  context.task.meta.rows = [
    {
      devices: drained.devices,
      calls: whatBecame(drained.verdict),
      missed: drained.missed,
      'longest not green': seconds(drained.longestOff),
      'not green for more than 1 s': drained.offForLong,
      'longest drain': seconds(drained.longestDrain),
    },
  ]
  context.task.meta.found = [
    `${drained.devices} devices, ${whatBecame(drained.verdict)}; off for ${seconds(drained.longestOff)} at most`,
  ]
  if (drained.missed > 0 || drained.offForLong > 0)
    throw new Error(
      `${drained.missed} calls were missed, ${drained.offForLong} devices were off for more than 1 s: see ${file}`,
    )
})
