import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { inRoot, root } from '../../scripts/root.ts'
import { readFile } from '../structure/source-file.ts'
import { decidingFiles, decidingForVisitors, decidingOnRoomPages } from './deciding-files.ts'
import { equivalent } from './mutation/equivalent.ts'
import { killingTests } from './mutation/vitest.config.ts'
import { type Proof, proofs } from './proofs.ts'
import { unreached } from './unreached.ts'

const run = promisify(execFile)

test('H7.1 random schedules alone reach every branch of what decides who is reachable', async () => {
  // It starts Vitest anew, which must not take itself for a worker of this one.
  const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'))
  const env = { ...Object.fromEntries(ours), NO_COLOR: '1', TRUTH_PROPERTY: 'calls,watched,rooms' }
  // `npm run prove` looks at calls too.
  const files = decidingFiles.filter((file) => !file.includes('/calls/'))
  const { stdout } = await run(process.execPath, [inRoot('tests', 'prove', 'coverage.ts'), ...files], {
    cwd: root,
    env,
  }).catch((error: { readonly stdout: string }) => error)
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

test('H7.2 each file that decides, and each test that is to notice its changes, is there', () => {
  const absent = [...decidingFiles, ...decidingOnRoomPages, ...decidingForVisitors, ...killingTests].filter(
    (pattern) => globSync(pattern, { cwd: root }).length === 0,
  )
  expect(absent).toEqual([])
})

test('H7.3 the long proofs end within 45 minutes, and one that there is not is refused', async () => {
  const minutes = Object.values<Proof>(proofs).reduce((sum, proof) => sum + proof.minutes, 0)
  expect(minutes).toBeLessThanOrEqual(45)
  const refused = await run(process.execPath, [inRoot('tests', 'prove', 'main.ts'), 'everything']).catch(
    (error: { readonly code: number; readonly stdout: string }) => error,
  )
  expect(refused).toMatchObject({ code: 2, stdout: expect.stringContaining('There is no everything.') })
})
