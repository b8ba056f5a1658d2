import { afterEach, expect, test, vi } from 'vitest'
import type { ConfigEnv } from 'wxt'

afterEach(() => vi.unstubAllEnvs())

/** The server that a build begins with, as it stands in the worker. */
async function begins(env: { REACHABLE_SERVER?: string; REACHABLE_STORE?: string }): Promise<unknown> {
  vi.resetModules()
  for (const name of ['REACHABLE_SERVER', 'REACHABLE_STORE'] as const) vi.stubEnv(name, env[name])
  const { default: config } = await import('../../wxt.config.ts')
  const { define = {} } = (await config.vite?.({ browser: 'chrome' } as ConfigEnv)) ?? {}
  return JSON.parse(String(define['import.meta.env.WXT_DEFAULT_SERVER']))
}

test('A7.5 a build begins with the server that it was given, a store’s else with none, another with this machine’s', async () => {
  expect(await begins({})).toBe('http://127.0.0.1:8787')
  expect(await begins({ REACHABLE_STORE: '1' })).toBe('')
  expect(await begins({ REACHABLE_SERVER: 'http://localhost:9000/' })).toBe('http://localhost:9000')
  const clinic = { REACHABLE_STORE: '1', REACHABLE_SERVER: 'reachable.example' }
  expect(await begins(clinic)).toBe('https://reachable.example')
})

test('A7.5 no build begins with a server that nobody could name in Options', async () => {
  await expect(begins({ REACHABLE_SERVER: 'http://reachable.example' })).rejects.toThrow('REACHABLE_SERVER')
})
