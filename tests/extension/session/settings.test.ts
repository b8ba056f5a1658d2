import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createSettings } from '../../../entrypoints/background/session/settings.ts'
import { type DemoService, startDemoService } from '../demo-service.ts'

let service: DemoService

beforeAll(async () => {
  service = await startDemoService()
})
afterAll(() => service.stop())
beforeEach(() => fakeBrowser.reset())
afterEach(() => void vi.restoreAllMocks())

const { local } = fakeBrowser.storage

test('A7.3 an address is kept once a Reachable server has answered there, and the next worker reads it', async () => {
  const changed = vi.fn()
  const settings = createSettings(changed)
  await expect(settings.setServer(`${service.url}/some/path`)).resolves.toEqual({
    ok: true,
    server: service.url,
  })
  expect(settings.now().server).toBe(service.url)
  expect(changed).toHaveBeenCalledTimes(1)
  const next = createSettings(() => {})
  await next.restore()
  expect(next.now()).toEqual({
    server: service.url,
    ...{ namesInNotifications: false, tellOfOutages: true },
    ...{ ringTone: 'ring', ringVolume: 100, ringTimes: 0 },
  })
})

test('A7.3 an address where nothing answers, or that the browser cannot keep, changes nothing', async () => {
  const settings = createSettings(() => {})
  const before = settings.now()
  await expect(settings.setServer('http://127.0.0.1:9')).resolves.toEqual({ ok: false, why: 'server-silent' })
  vi.spyOn(local, 'set').mockRejectedValue(new Error('The disk is full'))
  await expect(settings.setServer(service.url)).resolves.toEqual({ ok: false, why: 'storage' })
  expect(settings.now()).toEqual(before)
})

test('A7.3 of a computer that is offline nothing is said of the address', async () => {
  vi.stubGlobal('navigator', { onLine: false })
  onTestFinished(() => void vi.unstubAllGlobals())
  const settings = createSettings(() => {})
  await expect(settings.setServer('http://127.0.0.1:9')).resolves.toEqual({ ok: false, why: 'no-network' })
})

test('G3.7 whoever comes from a version that did not ask is told of outages, until they say no', async () => {
  await local.set({ server: service.url, namesInNotifications: true })
  const settings = createSettings(() => {})
  await settings.restore()
  expect(settings.now()).toMatchObject({ namesInNotifications: true, tellOfOutages: true })
  await settings.set({ tellOfOutages: false })
  const next = createSettings(() => {})
  await next.restore()
  expect(next.now()).toMatchObject({ namesInNotifications: true, tellOfOutages: false })
})

test('G3.7 what somebody chose of outages is not known before it is read, or before they choose', async () => {
  vi.spyOn(local, 'get').mockRejectedValueOnce(new Error('The disk is full'))
  const settings = createSettings(() => {})
  await expect(settings.restore()).rejects.toThrow()
  expect(settings.tellsOfOutages()).toBeNull()
  await settings.set({ namesInNotifications: true })
  expect(settings.tellsOfOutages()).toBeNull()
  await settings.restore()
  expect(settings.tellsOfOutages()).toBe(true)
  const other = createSettings(() => {})
  await other.set({ tellOfOutages: false })
  expect(other.tellsOfOutages()).toBe(false)
})

test('A7.4 what is kept in a form of its own is read as if it were not there', async () => {
  await local.set({ server: 7, namesInNotifications: 'yes' })
  const settings = createSettings(() => {})
  const before = settings.now()
  await settings.restore()
  expect(settings.now()).toEqual(before)
  expect(before.namesInNotifications).toBe(false)
})
