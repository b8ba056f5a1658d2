import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../../scripts/root.ts'
import { decided } from '../prove/decided.ts'
import { equivalent } from '../prove/mutation/equivalent.ts'
import { type Proof, proofs } from '../prove/proofs.ts'
import { prove } from '../prove/prove.ts'
import { unreached } from '../prove/unreached.ts'
import { readFile } from './source-file.ts'

const run = promisify(execFile)

test('H7.1 random schedules alone reach every branch of what decides who is reachable', async () => {
  // It starts Vitest anew, which must not take itself for a worker of this one.
  const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'))
  const env = { ...Object.fromEntries(ours), NO_COLOR: '1', JUDGE_PROPERTY: 'calls' }
  // `npm run prove` looks at calls too.
  const files = decided.filter((file) => !file.includes('/calls/'))
  const { stdout } = await run(process.execPath, [join(root, 'tests', 'prove', 'coverage.ts'), ...files], {
    cwd: root,
    env,
  })
  expect(stdout).toContain(' 0 never reached')
}, 240_000)

test('H7.2 what is known to change nothing, or to be beyond the simulation, stands in the code', () => {
  const plain = (text: string) => text.replaceAll(/\s+/g, ' ')
  const gone = [...equivalent, ...unreached].filter(({ file, line }) => !plain(readFile(file)).includes(line))
  expect(gone).toEqual([])
  expect(equivalent.every(({ why, file, original }) => why && plain(readFile(file)).includes(original))).toBe(
    true,
  )
})

test('H7.3 the long proofs end within 45 minutes, and one that there is not is refused', async () => {
  const minutes = Object.values<Proof>(proofs).reduce((sum, proof) => sum + proof.minutes, 0)
  expect(minutes).toBeLessThanOrEqual(45)
  expect(await prove(['everything'])).toBe(2)
})
