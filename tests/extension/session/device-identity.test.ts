import 'fake-indexeddb/auto'
import { createStore, entries } from 'idb-keyval'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { type DemoService, startDemoService } from '../demo-service.ts'

let service: DemoService
beforeAll(async () => {
  service = await startDemoService()
})
afterAll(() => service.stop())
beforeEach(() => fakeBrowser.reset())

/** What a worker that has just started, and knows nothing of an earlier one, proves itself with. */
async function worker() {
  vi.resetModules()
  const { createSession } = await import('../../../entrypoints/background/session/session.ts')
  const identity = await import('../../../entrypoints/background/session/device-identity.ts')
  const session = createSession({
    server: () => service.url,
    sessionChanged: () => {},
    changed: () => {},
    logOutRecorded: () => {},
  })
  const { publicKey } = await identity.deviceKey()
  const key = JSON.stringify(await crypto.subtle.exportKey('jwk', publicKey))
  return { session, key, device: await identity.deviceId() }
}

test.each(['logged-out', 'ended', 'exited', 'server-changed'] as const)(
  'A8.12 A8.14 a session that is over (%s) leaves the key and the name of the device, and of itself nothing',
  async (why) => {
    const { session, key, device } = await worker()
    await session.logIn({ login: 'ann', password: service.password, staySignedIn: true })
    const secrets = session.current()
    await session.end(why)
    const database = await entries(createStore('reachable', 'kept'))
    expect(database.map(([name]) => name)).toEqual(['device-key'])
    const { endings, ...local } = await fakeBrowser.storage.local.get(null)
    const byHand = why === 'logged-out' || why === 'exited'
    const lastLogIn = { server: service.url, login: 'ann', staySignedIn: true }
    expect(local).toEqual({
      device,
      ended: why,
      resting: why === 'exited',
      // The browser keeps a null, and its stand-in leaves it out.
      ...(byHand ? {} : { lastLogIn }),
    })
    expect(await fakeBrowser.storage.session.get(null)).toEqual({})
    expect(JSON.stringify([database, local, endings])).not.toContain(secrets?.token)
    const next = await worker()
    expect(next).toMatchObject({ key, device })
  },
)

test('A8.12 the key cannot be exported by any script', async () => {
  vi.resetModules()
  const { deviceKey } = await import('../../../entrypoints/background/session/device-identity.ts')
  const { privateKey } = await deviceKey()
  expect(privateKey.extractable).toBe(false)
  for (const format of ['jwk', 'pkcs8', 'raw'] as const)
    await expect(crypto.subtle.exportKey(format, privateKey)).rejects.toThrow()
})
