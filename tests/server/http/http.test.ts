import type { IncomingMessage } from 'node:http'
import { createServer, request as open } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { sql } from 'kysely'
import * as v from 'valibot'
import { expect, onTestFinished, test } from 'vitest'
import { protocolVersion } from '../../../protocol/connection.ts'
import { health } from '../../../protocol/http.ts'
import { launchPlainChromium } from '../../support/chromium/open-plain-chromium.ts'
import { callerOf, post, trySignIn } from '../support/api-client.ts'
import { keyOf, proofOf } from '../support/dpop-proofs.ts'
import { getPage, textOf } from '../support/html-pages.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann } from '../support/people.ts'

const own = 'chrome-extension://cafhmnaedhkkgklgajmdhphefgabcbnd'
const firefox = 'moz-extension://0a1b2c3d-0000-4000-8000-0123456789ab'
const ofExtension = ['/api/session', '/api/session/code', '/api/session/end', '/health']

/** Sends a body in chunks, without saying how long it is, as Chromium's workers do. */
async function postChunks(
  url: string,
  chunks: readonly string[],
): Promise<{ status: number | undefined; body: string }> {
  const dpop = await proofOf(await keyOf('d'), { url, method: 'POST' })
  return new Promise((resolve, reject) => {
    const request = open(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked', origin: own, dpop },
    })
    request.on('response', async (response: IncomingMessage) =>
      resolve({ status: response.statusCode, body: await text(response) }),
    )
    request.on('error', reject)
    for (const chunk of chunks) request.write(chunk)
    request.end()
  })
}

test('S5.1 a browser is told beforehand that the extension may ask, with the headers it sends', async () => {
  const server = await startInProcessServer()
  for (const path of ofExtension)
    for (const origin of [own, firefox]) {
      const response = await fetch(`${server.url}${path}`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type,dpop',
        },
      })
      expect([path, response.status]).toEqual([path, 204])
      expect(response.headers.get('access-control-allow-origin')).toBe(origin)
      expect(response.headers.get('access-control-allow-methods')).toContain('POST')
      expect(response.headers.get('access-control-allow-headers')?.toLowerCase()).toMatch(
        /content-type.*authorization.*dpop/,
      )
      expect(response.headers.get('access-control-allow-credentials')).toBeNull()
    }
})

test('S5.1 the extension can read every answer, refusals too; a strange page is refused and can read none', async () => {
  const server = await startInProcessServer()
  const asked = (origin: string) => trySignIn(server, { login: 'nobody', password: 'x' }, { origin })
  const refused = await asked(own)
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, own])
  for (const origin of ['https://evil.example', 'null', 'chrome-extension://aaaa']) {
    const response = await asked(origin)
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([401, null])
    expect(await response.json()).toMatchObject({ error: 'unauthorized' })
  }
  const calls = await fetch(`${server.url}/api/calls/x`, { headers: { origin: own } })
  expect(calls.headers.get('access-control-allow-origin')).toBeNull()
})

test('S5.3 a body may come in chunks of unknown length, and one that is too long is read no further', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const body = JSON.stringify({ login: 'ann', password: ann.password, staySignedIn: false, device: 'd' })
  const whole = await postChunks(`${server.url}/api/session`, [body.slice(0, 20), body.slice(20)])
  expect([whole.status, JSON.parse(whole.body)]).toMatchObject([200, { account: { username: 'ann' } }])
  const long = await postChunks(`${server.url}/api/session`, [
    '"',
    'x'.repeat(10_000),
    'x'.repeat(10_000),
    '"',
  ])
  expect([long.status, JSON.parse(long.body)]).toMatchObject([413, { error: 'too-large' }])
})

test('S5.4 anyone can ask who we are; ready means that a call could be written down', async () => {
  const server = await startInProcessServer()
  const response = await fetch(`${server.url}/health`, { headers: { origin: own } })
  expect(v.parse(health, await response.json())).toMatchObject({
    service: 'reachable',
    protocols: [protocolVersion],
  })
  expect(response.headers.get('access-control-allow-origin')).toBe(own)
  expect((await fetch(`${server.url}/ready`)).status).toBe(200)
})

test('S5.4 an extension of another id can read that it is refused, and nothing else', async () => {
  const server = await startInProcessServer()
  const stranger = 'chrome-extension://abcdefghijklmnopabcdefghijklmnop'
  const asked = await fetch(`${server.url}/health`, { headers: { origin: stranger } })
  expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([401, stranger])
  expect(asked.headers.get('vary')).toBe('Origin')
  expect(await asked.json()).toMatchObject({ error: 'unauthorized' })
  for (const origin of ['https://evil.example', 'null', 'https://chrome-extension.example']) {
    const refused = await fetch(`${server.url}/health`, { headers: { origin } })
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, null])
  }
})

test('S5.4 what a page of another site fetches of a server fails as where there is none, however it asks', async () => {
  const { url } = await startInProcessServer()
  const site = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<p>'),
  )
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void site.close())
  const page = await (await launchPlainChromium()).newPage()
  const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  await page.goto(origin)
  const answers = (address: string, mode: RequestMode) =>
    page.evaluate(
      (asked) =>
        fetch(asked.address, { mode: asked.mode }).then(
          () => true,
          () => false,
        ),
      { address, mode },
    )
  // It can ask this machine at all.
  expect(await answers(`${origin}/health`, 'no-cors')).toBe(true)
  for (const path of ['/health', '/', '/ready', '/icon.svg'])
    for (const mode of ['no-cors', 'cors'] as const)
      expect(await answers(url + path, mode), `${path} ${mode}`).toBe(false)
})

test('S5.5 every answer forbids frames and sniffing, and scripts but for our own where one is of use, and tells nobody where its reader came from', async () => {
  const server = await startInProcessServer()
  for (const path of ['/', '/health', '/nowhere', '/rooms/x', '/api/calls/x']) {
    const { headers } = await fetch(`${server.url}${path}`)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy, path).toContain("default-src 'none'")
    // The start page has the one script, for its Copy.
    expect(policy.match(/script-src[^;]*/)?.[0], path).toBe(path === '/' ? "script-src 'self'" : undefined)
    expect(policy, path).not.toContain('unsafe')
    expect(policy, path).toContain("frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('strict-transport-security')).toBeNull()
  }
  const secure = await startInProcessServer({ env: { PUBLIC_URL: 'https://reachable.example' } })
  expect(secure.url).toBe('https://reachable.example')
})

test('S5.6 what is not there is refused in the same words as everything else, or on a page for people', async () => {
  const server = await startInProcessServer()
  const api = await fetch(`${server.url}/api/nothing`)
  expect([api.status, await api.json()]).toMatchObject([404, { error: 'not-found' }])
  const page = await fetch(`${server.url}/nothing`, { headers: { accept: 'text/html' } })
  expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=UTF-8'])
  expect((await fetch(`${server.url}/api/session`)).status).toBe(404)
})

test('S5.7 only the operator of the machine can have sessions looked at again', async () => {
  const server = await startInProcessServer()
  const ask = (headers: Record<string, string>) =>
    post(server, '/api/operator/recheck', { user: 'x' }, headers)
  expect((await ask({})).status).toBe(401)
  expect((await ask({ authorization: 'Bearer wrong' })).status).toBe(401)
  expect((await ask(callerOf(server).authorization)).status).toBe(204)
})

test('S5.6 what fails is told as a refusal, or on a page for people, with nothing of its inside', async () => {
  const server = await startInProcessServer()
  await sql`alter table link rename to elsewhere`.execute(await server.db())
  const path = '/password/reset/aaaabbbb'
  const refused = await fetch(`${server.url}${path}`)
  const refusal = await refused.text()
  expect([refused.status, JSON.parse(refusal)]).toMatchObject([500, { error: 'internal' }])
  const page = await getPage(server, path, { 'accept-language': 'de' })
  const text = await textOf(page)
  expect([page.status, text]).toEqual([500, expect.stringContaining('Es wurde nichts geändert.')])
  for (const told of [refusal, text]) expect(told).not.toMatch(/table|sql|aaaabbbb/i)
})
