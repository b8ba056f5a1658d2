import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { serverFlags } from '../../../scripts/start/server-flags.ts'
import { imageProcess, unitProcess } from '../../support/deploy-files.ts'
import { startServer } from '../../support/server/start-server.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** Loaded into a server: has much survive for a while, and writes down how large the young generation was at most. */
const probe = `
import { writeFileSync } from 'node:fs'
import { getHeapSpaceStatistics } from 'node:v8'
const young = () => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size
let [kept, rounds, largest] = [[], 0, 0]
setInterval(() => {
  kept = Array.from({ length: 60_000 }, (_, n) => ({ n, list: [n] }))
  largest = Math.max(largest, young())
  rounds += 1
  if (rounds === 10) writeFileSync(process.env.LARGEST, String(largest))
}, 20).unref()
`

test('S1.6 the part of the heap in which objects begin stays within 12 MB, whatever passes through the server', async () => {
  const folder = temporaryFolder()
  const [module, largest] = [join(folder, 'probe.mjs'), join(folder, 'largest')]
  writeFileSync(module, probe)
  await startServer({ NODE_OPTIONS: `--import ${pathToFileURL(module)}`, LARGEST: largest })
  await expect
    .poll(() => existsSync(largest) && readFileSync(largest, 'utf8'), { timeout: 30_000 })
    .toBeTruthy()
  expect(Number(readFileSync(largest, 'utf8'))).toBeLessThanOrEqual(12 * 1_048_576)
})

test('S1.6 the container and the unit run the server as npm start does', () => {
  for (const { command } of [imageProcess(), unitProcess()]) expect(command.slice(1, -1)).toEqual(serverFlags)
})
