import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { type HostileSetup, withHostile } from './with-hostile.ts'

const discovery = '/.well-known/openid-configuration'
const paths = [discovery, '/jwks', '/token', '/userinfo']
const million = 1_000_000
const json = { 'content-type': 'application/json' }

/** An issuer that is asked at all its addresses, since its id tokens name no email. */
async function withAll(): Promise<HostileSetup> {
  const set = await withHostile()
  set.there.metadata = { userinfo_endpoint: `${set.there.issuer}/userinfo` }
  return set
}

const noEmail = { email: undefined, email_verified: undefined }

/** Writes chunk after chunk for as long as somebody reads. @returns how many bytes were taken. */
function pour(response: ServerResponse, chunk: Buffer, total: number): () => number {
  let sent = 0
  const more = () => {
    while (sent < total && !response.destroyed) {
      sent += chunk.length
      if (!response.write(chunk)) return void response.once('drain', more)
    }
    response.end()
  }
  more()
  return () => sent
}

/** The highest resident size while something goes on, in bytes above what it was before. */
async function growthWhile(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss()
  let highest = before
  const timer = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss())
  }, 5)
  await work().finally(() => clearInterval(timer))
  return highest - before
}

test('O5.7 an answer of 300 MB is read no further than 1 MiB, wherever the issuer gives it', async () => {
  const chunk = Buffer.alloc(65_536, ' ')
  for (const path of paths) {
    const set = await withAll()
    const sent: (() => number)[] = []
    const answer = (response: ServerResponse) => {
      response.writeHead(200, json)
      sent.push(pour(response, chunk, 300 * million))
    }
    const growth = await growthWhile(async () => {
      expect(await set.outcome({ claims: noEmail, answers: { [path]: answer } }), path).toBe('issuer-fault')
    })
    expect(sent.length, path).toBeGreaterThan(0)
    // What is on its way in sockets is sent, and read by nobody.
    for (const bytes of sent) expect(bytes(), path).toBeLessThan(16 * million)
    expect(growth, path).toBeLessThan(100 * million)
  }
}, 60_000)

test('O5.7 what counts is what an answer is once it is unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(300 * million, ' '))
  expect(bomb.length).toBeLessThan(million)
  for (const path of paths) {
    const set = await withAll()
    const answer = (response: ServerResponse) =>
      void response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb)
    const growth = await growthWhile(async () => {
      expect(await set.outcome({ claims: noEmail, answers: { [path]: answer } }), path).toBe('issuer-fault')
    })
    expect(growth, path).toBeLessThan(100 * million)
  }
}, 60_000)

test('O5.7 an answer of just under 1 MiB is read, packed or not', async () => {
  const { outcome, there } = await withAll()
  const said = Buffer.from(
    JSON.stringify({ sub: 'sub-1', email: 'ann@clinic.example', email_verified: true }),
  )
  const long = Buffer.concat([said, Buffer.alloc(1_048_576 - said.length, ' ')])
  const plain = (response: ServerResponse) => void response.writeHead(200, json).end(long)
  const packed = (response: ServerResponse) =>
    void response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync(long))
  for (const answer of [plain, packed])
    expect(await outcome({ claims: noEmail, answers: { '/userinfo': answer } })).toBe('code')
  expect(there.asked.filter((path) => path === '/userinfo')).toHaveLength(2)
})

test('O5.4 an answer that never ends is given up 8 s after it was asked for', async () => {
  const drip = (response: ServerResponse) => {
    response.writeHead(200, json)
    const timer = setInterval(() => response.write(' '), 100)
    response.on('close', () => clearInterval(timer))
  }
  const [, ...afterDiscovery] = paths
  await Promise.all(
    afterDiscovery.map(async (path) => {
      const set = await withAll()
      const began = performance.now()
      expect(await set.outcome({ claims: noEmail, answers: { [path]: drip } }), path).toBe('issuer-silent')
      const took = performance.now() - began
      expect(took, path).toBeGreaterThan(7_500)
      expect(took, path).toBeLessThan(11_000)
    }),
  )
}, 30_000)

test('O5.8 no redirect of the issuer’s addresses is followed', async () => {
  let visits = 0
  const elsewhere = createServer((_request, response) => {
    visits += 1
    response.writeHead(200, json).end('{}')
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void elsewhere.close())
  await once(elsewhere, 'listening')
  const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`
  for (const path of paths)
    for (const status of [301, 302, 303, 307, 308]) {
      const { outcome } = await withAll()
      const answer = (response: ServerResponse) => void response.writeHead(status, { location }).end('{}')
      expect(await outcome({ claims: noEmail, answers: { [path]: answer } }), `${path} ${status}`).toBe(
        'issuer-fault',
      )
    }
  expect(visits).toBe(0)
}, 60_000)

test('O5.8 an address that the issuer names is by https, or by http on this machine, with nothing hidden in it', async () => {
  const names = ['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'userinfo_endpoint']
  const wrong = [
    'http://id.clinic.example/x',
    'http://127.0.0.1.evil.example/x',
    'ftp://127.0.0.1/x',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://user:word@id.clinic.example/x',
    'https://id.clinic.example/x#fragment',
    '//id.clinic.example/x',
    '/x',
    '',
    ' https://id.clinic.example/x',
    'https://id.clinic.example/\nx',
    1,
    null,
    ['https://id.clinic.example/x'],
  ]
  const { outcome, there } = await withAll()
  const right = there.metadata
  for (const name of names)
    for (const address of wrong) {
      there.metadata = { ...right, [name]: address }
      expect(await outcome({}), `${name} ${address}`).toBe('issuer-fault')
    }
  expect(there.redeemed).toEqual([])
  there.metadata = { ...right, authorization_endpoint: `${there.issuer}/authorize?tenant=clinic` }
  expect(await outcome({})).toBe('code')
}, 60_000)

test('O5.8 an issuer from outside names nothing on this machine', async () => {
  const { isEndpointOf } = await import('../../../server/openid/openid-config.ts')
  const outside = 'https://id.clinic.example'
  for (const host of ['127.0.0.1:8787', 'localhost', '[::1]:80'])
    expect(isEndpointOf(outside, `http://${host}/token`), host).toBe(false)
  expect(isEndpointOf(outside, 'https://login.clinic.example/token?p=1')).toBe(true)
  expect(isEndpointOf('http://localhost:9', 'http://127.0.0.1:9/token')).toBe(true)
  expect(isEndpointOf('http://localhost:9', 'http://192.0.2.1:9/token')).toBe(false)
})
