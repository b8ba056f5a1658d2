import 'fake-indexeddb/auto'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { readAnswer } from '../../../entrypoints/background/session/read-answer.ts'
import { checkServer } from '../../../entrypoints/background/session/server-health.ts'
import { createSession } from '../../../entrypoints/background/session/session.ts'
import { clearSession } from '../../../entrypoints/background/session/session-storage.ts'

let server: Server
let origin: string
/** How `POST /api/session` is answered. */
let answer: (response: ServerResponse) => void
/** How many bytes were written to a device that reads them all. */
let written = 0

beforeAll(async () => {
  server = createServer((request, response) => {
    response.on('error', () => {})
    if (request.url === '/health') response.end(JSON.stringify({ service: 'reachable', protocols: [2] }))
    else if (request.url === '/endless') endless(response)
    else answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(async () => {
  fakeBrowser.reset()
  await clearSession()
})

/** As much as is read, 10 MB at most. */
function endless(response: ServerResponse): void {
  written = 0
  const chunk = Buffer.alloc(65_536, 0x20)
  const write = () => {
    while (written < 10_000_000 && !response.destroyed) {
      written += chunk.length
      if (!response.write(chunk)) return
    }
    response.end()
  }
  response.on('drain', write)
  write()
}

const account = { id: 'u', username: 'ann', email: 'a@a.example', name: 'Ann', picture: null, language: null }
const granted = { token: 't', endToken: 'e', account }

async function logIn() {
  const session = createSession({
    server: () => origin,
    sessionChanged: () => {},
    changed: () => {},
    logOutRecorded: () => {},
  })
  return [
    await session.logIn({ login: 'ann', password: 'p', staySignedIn: true }),
    session.current(),
  ] as const
}

test('A8.13 an answer without end is read no further than any answer of ours is long', async () => {
  const response = await fetch(`${origin}/endless`)
  expect(await readAnswer(response)).toBeNull()
  expect(written).toBeLessThan(10_000_000)
})

test('A8.13 what is no JSON or has no body is no answer, and what breaks off is known from it', async () => {
  const told = (body: BodyInit | null) => readAnswer(new Response(body))
  expect(await told('{"a":"ä"}')).toEqual({ a: 'ä' })
  for (const none of ['', '{', 'x', null, new Uint8Array([0xff])]) expect(await told(none)).toBeNull()
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) })
  expect(await told(broken)).toBeUndefined()
})

test('A8.13 a grant that is none signs nobody in', async () => {
  const wrong = [
    { ...granted, token: '' },
    { ...granted, token: 'a b' },
    { ...granted, token: 'a\nb' },
    { ...granted, token: 'x'.repeat(513) },
    { ...granted, endToken: 'ä' },
    { ...granted, account: { ...account, id: 1 } },
    { token: 't', endToken: 'e' },
    [granted],
    'granted',
    null,
  ]
  for (const body of wrong) {
    answer = (response) => response.end(JSON.stringify(body))
    expect(await logIn()).toEqual([{ ok: false, why: 'not-a-reachable-server' }, null])
  }
  answer = (response) => response.end(JSON.stringify(granted))
  expect(await logIn()).toMatchObject([{ ok: true }, { token: 't' }])
})

test('A8.13 a wait that a server asks for is one that can be told: from a second to a day', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000_000_000 })
  onTestFinished(() => void vi.useRealTimers())
  for (const [retryAfter = 0, told = 0] of [
    [90, 90],
    [1e300, 86_400],
    [-5, 1],
    [0.2, 1],
  ]) {
    const body = JSON.stringify({ error: 'too-many-attempts', message: 'x', retryAfter })
    answer = (response) => response.writeHead(429).end(body)
    expect(await logIn()).toEqual([
      { ok: false, why: 'too-many-attempts', until: 1_000_000_000_000 + told * 1_000 },
      null,
    ])
  }
})

test('A8.13 nobody is sent on by a redirect, and no redirect is a Reachable server', async () => {
  for (const location of ['/api/session', 'https://elsewhere.example/', 'javascript:alert(1)']) {
    answer = (response) => response.writeHead(307, { location }).end()
    expect(await logIn()).toEqual([{ ok: false, why: 'server-fault' }, null])
  }
  answer = endless
  expect(await logIn()).toEqual([{ ok: false, why: 'not-a-reachable-server' }, null])
  expect(await checkServer(`${origin}/endless?`)).not.toBe('fine')
})
