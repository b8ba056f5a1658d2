import 'fake-indexeddb/auto'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { postFrom } from '../../server/support/api-client.ts'
import { newKey } from '../../server/support/dpop-proofs.ts'
import { type DemoService, startDemoService } from '../demo-service.ts'

let service: DemoService

beforeAll(async () => {
  service = await startDemoService()
})

afterAll(() => service.stop())

/** A worker that has just started: it remembers nothing but what the browser kept. */
async function startedWorker() {
  vi.resetModules()
  const { createSession } = await import('../../../entrypoints/background/session/session.ts')
  const { deviceKey } = await import('../../../entrypoints/background/session/device-identity.ts')
  const session = createSession({
    server: () => service.url,
    sessionChanged: () => {},
    changed: () => {},
    logOutRecorded: () => {},
  })
  const logIn = () => session.logIn({ login: 'ann', password: service.password, staySignedIn: true })
  return { session, logIn, deviceKey }
}

test('A3.9 A3.10 the key of a device outlives a log-out, and nobody’s guesses keep its person from logging in again', async () => {
  const first = await startedWorker()
  await expect(first.logIn()).resolves.toEqual({ ok: true })
  await first.session.end('logged-out')
  const wrong = { login: 'ann', password: 'Wrong-horse-7', device: 'd', staySignedIn: false }
  const guess = async () => postFrom(await newKey(), service, '/api/session', wrong)
  const statuses = (await Promise.all(Array.from({ length: 8 }, guess))).map(({ status }) => status)
  expect(statuses.sort()).toEqual([...Array(5).fill(401), 429, 429, 429])
  const next = await startedWorker()
  await expect(next.logIn()).resolves.toEqual({ ok: true })
  const publicPart = async ({ deviceKey }: typeof next) =>
    crypto.subtle.exportKey('jwk', (await deviceKey()).publicKey)
  expect(await publicPart(next)).toEqual(await publicPart(first))
})
