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

test('S5.4 a refusal of a server that does not know this extension is no silence, and is asked for once', async () => {
  const modes: (RequestMode | undefined)[] = []
  vi.stubGlobal('fetch', async (_url: string, { mode }: RequestInit) => {
    modes.push(mode)
    return Response.json(
      { error: 'unauthorized', message: 'This origin may not use this server.' },
      { status: 401 },
    )
  })
  expect(await checkServer('https://reachable.example')).toBe('not-a-reachable-server')
  expect(modes).toEqual(['cors'])
})
