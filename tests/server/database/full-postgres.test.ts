import { sql } from 'kysely'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import { nurse } from '../scim/clinic.ts'
import { callerOf, post } from '../support/api-client.ts'
import { sendForm, textOf } from '../support/html-pages.ts'
import {
  type InProcessNode,
  type InProcessService,
  openInProcessService,
} from '../support/in-process-nodes.ts'
import { ann, sessionOf, settle } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'

let service: InProcessService
let node: InProcessNode
let token: string

beforeAll(async () => {
  service = await openInProcessService()
  node = await service.start()
  await settle(node, ann)
  token = await sessionOf(node, ann, 'desk')
})
afterAll(() => service?.close())

/** Has PostgreSQL take no new row of a table, or none that is such, with this error. @returns what ends that. */
async function refuseRowsOf(table: string, state: string, which = 'true') {
  const name = `refuse_${state}_${table}`
  await sql
    .raw(
      `create function ${name}() returns trigger language plpgsql as $$ begin raise exception 'on purpose' using errcode = '${state}'; end $$;
      create trigger ${name} before insert on "${table}" for each row when (${which}) execute function ${name}()`,
    )
    .execute(service.db)
  return () => sql.raw(`drop trigger ${name} on "${table}"`).execute(service.db)
}

const place = () => post(node, '/api/calls', { to: 'ann' }, callerOf(node).authorization)
const isReady = async () => (await fetch(`${node.url}/ready`)).status

test('T3.3 D2.8 while PostgreSQL has room to change rows and none for a call, nobody is told that calls get through', async () => {
  const device = await connectDevice(node.url, token, 'desk')
  await device.lease()
  const mend = await refuseRowsOf('call', '53100')
  const began = performance.now()
  // Nobody places a call.
  expect(await device.next('no-lease')).toMatchObject({ why: 'storage' })
  expect(performance.now() - began).toBeLessThan(5_000)
  expect(await isReady()).toBe(503)
  const refused = await place()
  expect([refused.status, await refused.json()]).toMatchObject([503, { error: 'storage' }])
  device.send({ type: 'heartbeat', n: 1_000 })
  expect(await device.next('no-lease')).toEqual({ type: 'no-lease', n: 1_000, why: 'storage' })
  await mend()
  await expect.poll(isReady, { timeout: 5_000 }).toBe(200)
  await device.lease()
  // What was tried is on no record.
  expect(await service.db.selectFrom('call').select('id').execute()).toEqual([])
}, 30_000)

test('T3.3 D2.8 while somebody keeps the whole table of calls, nobody is told that calls get through', async () => {
  const device = await connectDevice(node.url, token, 'desk')
  await device.lease()
  const somebody = new Client(service.settings.DATABASE_URL)
  await somebody.connect()
  onTestFinished(() => somebody.end())
  // As whoever makes an index does, for as long as that takes.
  await somebody.query('begin; lock table "call" in share mode')
  const began = performance.now()
  expect(await device.next('no-lease')).toMatchObject({ why: 'storage' })
  expect(performance.now() - began).toBeLessThan(8_000)
  expect(await isReady()).toBe(503)
  await somebody.query('rollback')
  await expect.poll(isReady, { timeout: 5_000 }).toBe(200)
  await device.lease()
}, 30_000)

test('D5.7 what comes between others for too long is refused as busy, with Retry-After: a call, a form and a change by SCIM', async () => {
  const device = await connectDevice(node.url, token, 'desk')
  await device.lease()
  const key = (await createApiKey(service.db, 'directory', Date.now(), 'scim')) ?? ''
  const ends = await Promise.all([
    // The write probe's own comes between nobody.
    refuseRowsOf('call', '40001', 'new."seenAt" is null'),
    refuseRowsOf('mail', '40001'),
    refuseRowsOf('user', '40001'),
  ])
  const [call, form, provisioned] = await Promise.all([
    place(),
    sendForm(node, '/password/forgot', { login: 'ann' }, { origin: 'https://reachable.example' }),
    post(node, '/scim/v2/Users', nurse, { authorization: `Bearer ${key}` }),
  ])
  for (const end of ends) await end()
  expect([call.status, call.headers.get('retry-after'), await call.json()]).toEqual([
    503,
    '1',
    { error: 'busy', retryAfter: 1, message: expect.stringMatching(/Try again in a moment\.$/) },
  ])
  expect([form.status, form.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await textOf(form)).toMatch(/again/)
  expect([provisioned.status, provisioned.headers.get('retry-after')]).toEqual([503, '1'])
  expect([device.received.map(({ type }) => type), await isReady()]).toEqual([
    expect.not.arrayContaining(['no-lease']),
    200,
  ])
}, 30_000)
