import { test } from 'vitest'
import { inRoot } from '../../scripts/root.ts'
import { openChronicle } from './nodes/chronicle.ts'
import { broken, soakNodes } from './nodes/soak-nodes.ts'
import { soakOptions } from './options.ts'

const { calls, seed } = soakOptions()

test('three nodes under random kills', { timeout: 24 * 3_600_000 }, async (context) => {
  const file = inRoot('output', 'soak', `nodes-${seed}.log`)
  const chronicle = openChronicle(file)
  const soaked = await soakNodes({
    ...{ calls, seed, perSecond: 90, people: 240, wellFor: 8_000, faultFor: 4_000, chronicle },
    onProgress: (text) => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`),
  }).finally(chronicle.close)
  const { verdict, faults, diedByThemselves, retries } = soaked
  const { lost, doubled, disagreeing, refused } = verdict
  const row = { calls: verdict.calls, ...verdict.outcomes, retries, diedByThemselves }
  const wrong = {
    lost: lost.length,
    doubled: doubled.length,
    disagreeing: disagreeing.length,
    refused: refused.length,
  }
  const injected = Object.values(faults).reduce((sum, count) => sum + count, 0)
  context.task.meta.rows = [{ ...row, ...wrong }]
  context.task.meta.found = [
    `${verdict.calls} calls, ${injected} faults: ${lost.length} lost, ${doubled.length} doubled, ${disagreeing.length} disagreeing`,
    ...Object.entries(faults).map(([name, count]) => `${count} × ${name}`),
  ]
  const found = broken(soaked)
  if (found.length > 0) throw new Error([...found.slice(0, 100), `All of it stands in ${file}.`].join('\n'))
})
