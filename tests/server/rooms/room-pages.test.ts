import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Hono } from 'hono'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { health } from '../../../protocol/http.ts'
import { roomFinding } from '../../../server/cli/examine-server.ts'
import { readConfig } from '../../../server/config.ts'
import { openWebBundle } from '../../../server/pages/web-bundle.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { callerOf } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, idOf, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'
import { answeredCallIn } from './room-page.ts'

/** A call to Ann that was answered, in a server with these settings. */
async function room(env: Record<string, string> = {}) {
  const server = await startInProcessServer({ env })
  await settle(server, ann)
  const callee = await idOf(server, ann.email)
  const answered = await answeredCallIn(await server.db(), { callee, answeredAt: server.clock.wall() })
  return { server, address: `${server.localUrl}/rooms/${answered.room}` }
}

test('RM7.1 a room is a page for whoever knows its token, which names nobody, runs nothing but our own, and asks nobody else', async () => {
  const { server, address } = await room()
  const response = await fetch(address, { headers: { 'accept-language': 'de' } })
  const page = await response.text()
  expect(response.status).toBe(200)
  expect(page).toContain('<html lang="de">')
  expect(page).not.toMatch(/Ann|Bell/)
  const policy = response.headers.get('content-security-policy') ?? ''
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    expect.stringMatching(/^connect-src 'self'( ws:\/\/(localhost|127\.0\.0\.1):\d+)+$/),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ])
  expect(response.headers.get('permissions-policy')).toBe(
    'camera=(self), microphone=(self), display-capture=(self)',
  )
  expect([response.headers.get('referrer-policy'), response.headers.get('cache-control')]).toEqual([
    'no-referrer',
    'no-store',
  ])
  const [script = ''] = /\/rooms\/assets\/[^"]+\.js/.exec(page) ?? []
  const loaded = await fetch(server.localUrl + script)
  expect([loaded.status, loaded.headers.get('cache-control')]).toEqual([
    200,
    'public, max-age=31536000, immutable',
  ])
  expect((await fetch(`${server.localUrl}/rooms/${'A'.repeat(22)}`)).status).toBe(404)
})

test('RM7.2 of the bundle only what its build names is served, by any path that somebody tries', async () => {
  const folder = temporaryFolder()
  mkdirSync(folder, { recursive: true })
  const bundle = openWebBundle(folder, '/rooms/assets/')
  expect(bundle.entry()).toBeUndefined()
  writeFileSync(join(folder, 'main-abc.js'), 'main')
  writeFileSync(join(folder, 'style-abc.css'), 'style')
  writeFileSync(join(folder, 'worker-abc.js'), 'worker')
  writeFileSync(join(folder, 'secret.js'), 'secret')
  const main = { file: 'main-abc.js', isEntry: true, css: ['style-abc.css'], assets: ['worker-abc.js'] }
  const manifest = { 'web/room/main.tsx': main }
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest))
  expect(bundle.entry()).toEqual({
    script: '/rooms/assets/main-abc.js',
    styles: ['/rooms/assets/style-abc.css'],
  })
  const app = new Hono().get(bundle.route.path, (context) => bundle.route.handle(context as never))
  const statusOf = async (path: string) => (await app.request(`/rooms/assets/${path}`)).status
  for (const path of ['main-abc.js', 'style-abc.css', 'worker-abc.js'])
    expect([path, await statusOf(path)]).toEqual([path, 200])
  for (const path of [
    'secret.js',
    'manifest.json',
    '..%2fsecret.js',
    '%2e%2e/%2e%2e/package.json',
    'main-abc.js/',
  ])
    expect([path, await statusOf(path)]).toEqual([path, 404])
})

test('RM8.1 where people meet elsewhere there is no room of ours: no socket, no ticket, and the page of before', async () => {
  const { server, address } = await room({ ROOM_URL: 'https://meet.example/{room}' })
  const page = await (await fetch(address)).text()
  expect(page).toContain('Dr Bell')
  const socket = new WebSocket(`${address.replace('http', 'ws')}/socket`, { origin: server.localUrl })
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  expect(response.statusCode).toBe(404)
  response.destroy()
  const device = await reachableDevice(server, ann)
  const placing = callerOf(server).place('ann')
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await placing
  device.send({ type: 'answer', call: call.id })
  expect((await device.next('over')).room).toMatch(/^https:\/\/meet\.example\/[\w-]{22}$/)
})

test('RM8.2 without https, and elsewhere than on the server’s own machine, devices, programs and the operator are told before anything rings that nobody can speak', async () => {
  const told = async (env: Record<string, string>) => {
    const server = await startInProcessServer({ env })
    await settle(server, ann)
    const at = { ...server, url: server.localUrl }
    const device = await reachableDevice(at, ann)
    const { canRoom } = v.parse(health, await (await fetch(`${server.localUrl}/health`)).json())
    device.close()
    const placed = await callerOf(at).place('ann')
    return [device.welcome.canRoom, canRoom, placed.canRoom]
  }
  const plain = { PUBLIC_URL: 'http://clinic.example' }
  expect(await told(plain)).toEqual([false, false, false])
  for (const env of [
    {},
    { PUBLIC_URL: 'https://clinic.example' },
    { ...plain, ROOM_URL: 'https://meet.example/{room}' },
  ])
    expect(await told(env)).toEqual([undefined, true, true])
  expect(roomFinding(readConfig(plain))).toMatchObject({
    mark: 'wrong',
    sentence: expect.stringContaining('https'),
  })
})

test('RM5.3 settings of the ways between two that cannot be right are refused, each with one sentence that says what is', () => {
  const refusedOf = (env: Record<string, string>) => {
    try {
      readConfig(env)
    } catch (error) {
      return String(error).split('\n').slice(1)
    }
    return []
  }
  const secret = { TURN_SECRET: 'a secret that coturn has too' }
  for (const [name, values] of Object.entries({
    STUN_URLS: [
      'stun.example',
      'https://stun.example',
      'stun:',
      'stun:a b',
      Array(6).fill('stun:a').join(','),
    ],
    TURN_URLS: [
      'turn.example',
      'stun:turn.example',
      'turn:turn.example?transport=sctp',
      'turn:u:p@turn.example',
    ],
  }))
    for (const value of values) {
      const refused = refusedOf({ ...(name === 'TURN_URLS' && secret), [name]: value })
      expect([value, refused]).toEqual([value, [expect.stringMatching(`^  - ${name} must be `)]])
    }
  expect(refusedOf({ TURN_URLS: 'turn:turn.example' })).toEqual([expect.stringContaining('go together')])
  expect(refusedOf(secret)).toEqual([expect.stringContaining('go together')])
  expect(refusedOf({ TURN_ONLY: 'on' })).toEqual([expect.stringContaining('TURN_ONLY needs a relay')])
  expect(refusedOf({ TURN_URLS: 'turn:turn.example', TURN_SECRET: 'short' })).toEqual([
    expect.stringContaining('TURN_SECRET must have 16 characters'),
  ])
  const right = readConfig({
    ...secret,
    TURN_URLS: 'turn:[2001:db8::1]:3478?transport=tcp turns:turn.example:5349',
  })
  expect(right.turn?.urls).toEqual(['turn:[2001:db8::1]:3478?transport=tcp', 'turns:turn.example:5349'])
})
