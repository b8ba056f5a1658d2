import { afterEach, expect, test, vi } from 'vitest'
import { checkServer } from '../../../entrypoints/background/session/server-health.ts'
import { protocolVersion } from '../../../protocol/connection.ts'

afterEach(() => vi.unstubAllGlobals())

test.each([
  [[protocolVersion], 'fine'],
  [[protocolVersion, protocolVersion + 1], 'fine'],
  [[1], 'outdated'],
  [[protocolVersion + 1], 'outdated'],
])('L1.3 a server that speaks the versions %j is %s to the device', async (protocols, answer) => {
  vi.stubGlobal('fetch', async () => Response.json({ service: 'reachable', protocols }))
  expect(await checkServer('https://reachable.example')).toBe(answer)
})
