import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { countRequest } from '../../../server/accounts/request-rate-limit.ts'
import { withHostile } from '../openid/with-hostile.ts'
import { trySignIn } from '../support/api-client.ts'
import { textOf } from '../support/html-pages.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, ben, idOf, sessionOf } from '../support/people.ts'
import { openAccount } from './at-account.ts'

const next = 'Quiet-harbour-47'
const hour = 3_600_000

/** As if somebody had changed it so many times just now. */
async function changed(server: InProcessServer, key: string, times: number) {
  const secret = readFileSync(join(server.dataDir, 'secret'), 'utf8').trim()
  const db = await server.db()
  for (let n = 0; n < times; n += 1)
    expect(await countRequest(db, secret, [{ key, most: 20 }], server.clock.wall())).toBe(0)
}

test('W8.9 a password is changed twenty times an hour; then the form says when to try again, and nothing is changed', async () => {
  const server = await startInProcessServer()
  const [id = '', ofBen = ''] = await addPeople(server.dataDir, ann, ben)
  await changed(server, `password-changed:${id}`, 19)
  await changed(server, `password-changed:${ofBen}`, 20)
  const pages = await openAccount(server, await sessionOf(server, ann, 'device-1'))
  const change = (old: string, password: string) =>
    pages.sendForm('/account/password', { old, password, again: password })
  expect((await change(ann.password, next)).status).toBe(303)
  const refused = await change(next, 'Evening-primrose-31')
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_500)
  expect(await textOf(refused)).toContain('Please try again in 60 minutes.')
  expect((await trySignIn(server, { login: 'ann', password: next })).status).toBe(200)
  server.clock.advance(hour)
  expect((await pages.getPage()).status).toBe(403)
  const later = await openAccount(server, await sessionOf(server, ann, 'device-2'), 'device-2')
  const password = 'Evening-primrose-31'
  expect((await later.sendForm('/account/password', { old: next, password, again: password })).status).toBe(
    303,
  )
})

test('W8.9 the link to an issuer is removed twenty times an hour', async () => {
  const { server, outcome } = await withHostile()
  expect(await outcome({ claims: { email: ann.email } })).toBe('code')
  await changed(server, `issuer-unlinked:${await idOf(server, ann.email)}`, 20)
  const pages = await openAccount(server, await sessionOf(server, ann, 'device-1'))
  const refused = await pages.sendForm('/account/unlink', { password: ann.password })
  expect([refused.status, await textOf(refused)]).toEqual([
    429,
    expect.stringContaining('Please try again in'),
  ])
  expect(await textOf(await pages.getPage())).toContain('Linked with')
})
