import { afterAll, expect, test, vi } from 'vitest'
import { nurse, startClinic } from './clinic.ts'

const failing = vi.hoisted(() => {
  // What files before this one loaded in the same worker is no mock, and what this one loads is not for those after it.
  vi.resetModules()
  return { times: 1 }
})
afterAll(() => void vi.resetModules())

vi.mock('../../../server/scim/scim-plugin.ts', async (original) => {
  const plugin = await original<typeof import('../../../server/scim/scim-plugin.ts')>()
  const createScim: typeof plugin.createScim = (...given) => {
    if (failing.times-- > 0) throw new Error('no room to load it')
    return plugin.createScim(...given)
  }
  return { ...plugin, createScim }
})

test('N6.6 a plugin that could not be loaded is loaded by the next request', async () => {
  const clinic = await startClinic()
  expect((await clinic.ask('POST', '/Users', nurse)).status).toBe(500)
  expect((await clinic.ask('POST', '/Users', nurse)).status).toBe(201)
})
