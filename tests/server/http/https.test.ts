import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../../server/config.ts'
import { readOperatorFile } from '../../../server/operator-file.ts'
import { startService } from '../../../server/service.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { startInProcessServer } from '../support/in-process-server.ts'

const extension = 'chrome-extension://cafhmnaedhkkgklgajmdhphefgabcbnd'

/** Each kind of answer that there is, by the status that it has to have. */
const asked: readonly (readonly [number, string, RequestInit])[] = [
  [200, '/', {}],
  [200, '/health', {}],
  [200, '/pages.css', {}],
  [204, '/api/session', { method: 'OPTIONS', headers: { origin: extension } }],
  [303, '/account/devices', { redirect: 'manual' }],
  [400, '/auth/issuer/start', {}],
  [401, '/api/session', { method: 'POST', headers: { origin: extension } }],
  [401, '/scim/v2/Users', {}],
  [403, '/account', { headers: { accept: 'text/html' } }],
  [403, '/account/name', { method: 'POST' }],
  [404, '/nowhere', { headers: { accept: 'text/html' } }],
  [404, '/api/nothing', {}],
  [410, '/account/redeem?code=x', {}],
]

test('W1.9 where people come by https every answer keeps their browsers to it, errors and redirects too', async () => {
  const env = { OPENID_CLIENT_ID: 'x', OPENID_ISSUER: 'http://127.0.0.1:9' }
  const plain = await startInProcessServer({ env })
  const secure = await startInProcessServer({ env: { ...env, PUBLIC_URL: 'https://reachable.example' } })
  const local = readOperatorFile(join(secure.dataDir, 'operator.json'))?.url ?? ''
  for (const [status, path, init] of asked) {
    const by = await fetch(`${local}${path}`, init)
    expect([path, by.status, by.headers.get('strict-transport-security')]).toEqual([
      path,
      status,
      'max-age=31536000',
    ])
    const without = await fetch(`${plain.url}${path}`, init)
    expect([path, without.headers.get('strict-transport-security')]).toEqual([path, null])
  }
})

/** So that nothing is to be said of rooms. */
const room = { ROOM_URL: 'https://meet.example/{room}' }

/** @returns the warnings with which a server starts. */
async function warningsOf(env: Record<string, string>): Promise<string[]> {
  const lines: { level: number; msg: string }[] = []
  const to = new Writable({
    write(line, _encoding, done) {
      lines.push(JSON.parse(String(line)))
      done()
    },
  })
  const config = readConfig({ ...room, PORT: '0', DATA_DIR: temporaryFolder(), ...env })
  const service = await startService(config, { log: pino({}, to) })
  onTestFinished(() => service.close())
  return lines.filter(({ level }) => level >= 40).map(({ msg }) => msg)
}

test('S3.5 S3.8 a public address by https without TRUST_PROXY is warned of at the start, with what to do', async () => {
  const https = { PUBLIC_URL: 'https://reachable.example' }
  expect(await warningsOf(https)).toEqual([
    expect.stringMatching(/TRUST_PROXY is off[\s\S]*Set TRUST_PROXY=on if the proxy sets X-Forwarded-For\.$/),
  ])
  expect(await warningsOf({ ...https, TRUST_PROXY: 'on' })).toEqual([])
  expect(await warningsOf({ PUBLIC_URL: 'http://reachable.example' })).toEqual([
    expect.stringContaining('the extension refuses to send passwords in clear over a network'),
  ])
  expect(await warningsOf({})).toEqual([])
})
