import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import { createScim } from '../../../server/scim/scim-plugin.ts'
import { runCommand } from '../../support/server/run-command.ts'
import { post } from '../support/api-client.ts'
import { nurse, questions, startClinic } from './clinic.ts'

const { getMigrations } = createRequire(inRoot('server', 'package.json'))('better-auth/db/migration') as {
  getMigrations(options: object): Promise<{ toBeCreated: unknown[]; toBeAdded: unknown[] }>
}

test('N6.1 only a key that was made for it provisions, and it places no calls', async () => {
  const { server, key, ask } = await startClinic()
  const db = await server.db()
  const calls = (await createApiKey(db, 'Caller', server.clock.wall())) ?? ''
  for (const [method, path] of questions) {
    const body = method === 'GET' || method === 'DELETE' ? undefined : nurse
    // An address that tries many has to wait.
    await db.deleteFrom('failedAttempt').execute()
    for (const authorization of ['', 'Bearer nobody', `Basic ${key}`]) {
      const { status, headers, body: said } = await ask(method, path, body, { authorization })
      expect([status, headers.get('www-authenticate'), said.status]).toEqual([
        401,
        'Bearer realm="scim"',
        '401',
      ])
    }
    for (const wrong of [calls, server.operatorKey]) {
      const { status } = await ask(method, path, body, { authorization: `Bearer ${wrong}` })
      expect([wrong === calls ? 403 : 401, method]).toEqual([status, method])
    }
  }
  const refused = await post(server, '/api/calls', { to: 'nora.n' }, { authorization: `Bearer ${key}` })
  expect([refused.status, (await refused.json()).error]).toEqual([401, 'unauthorized'])
})

test('Y1.5 refused keys are on record, but not every one of a flood, and without the key', async () => {
  const { server, ask } = await startClinic()
  for (let n = 0; n < 30; n += 1)
    await ask('GET', '/Users', undefined, { authorization: `Bearer guess-${n}` })
  const db = await server.db()
  const rows = await db.selectFrom('audit').selectAll().where('what', '=', 'provisioning-refused').execute()
  expect(rows.length).toBe(20)
  expect(JSON.stringify(rows)).not.toContain('guess')
})

test('N6.1 the command makes keys for provisioning, and the list says which are', async () => {
  const { server } = await startClinic()
  const made = await runCommand(server.dataDir, 'api-key', 'create', 'Clinic', 'North', '--scim')
  const key = made.out.split('\n').at(-1) ?? ''
  const users = () => fetch(`${server.url}/scim/v2/Users`, { headers: { authorization: `Bearer ${key}` } })
  expect((await users()).status).toBe(200)
  expect((await runCommand(server.dataDir, 'api-key', 'list')).out).toMatch(/Clinic North +scim/)
  await runCommand(server.dataDir, 'api-key', 'revoke', 'Clinic North')
  expect((await users()).status).toBe(401)
})

test('N6.4 what the server says of itself is true of it', async () => {
  const { server, ask } = await startClinic()
  const config = await ask('GET', '/ServiceProviderConfig')
  expect(config.body).toMatchObject({
    patch: { supported: true },
    bulk: { supported: false },
    filter: { supported: true },
    changePassword: { supported: true },
    etag: { supported: false },
    sort: { supported: false },
  })
  const schemas = await ask('GET', '/Schemas')
  expect(schemas.body.totalResults).toBe(schemas.body.Resources.length)
  const user = schemas.body.Resources.find(
    ({ id }: { id: string }) => id.endsWith(':User') && id.includes('core'),
  )
  const one = await ask('GET', '/Schemas/urn:ietf:params:scim:schemas:core:2.0:User')
  for (const schema of [user, one.body])
    expect(schema.attributes).toContainEqual(
      expect.objectContaining({ name: 'password', mutability: 'writeOnly', returned: 'never' }),
    )
  const types = await ask('GET', '/ResourceTypes')
  expect(types.body.Resources.map(({ id }: { id: string }) => id)).toEqual(['User', 'Group'])
  expect((await ask('GET', '/ResourceTypes/Group')).body.endpoint).toBe('/Groups')
  expect(types.body.Resources[0].meta.location).toBe(`${server.url}/scim/v2/ResourceTypes/User`)
})

test('N6.5 nothing else of better-auth is reached by it', async () => {
  const { ask } = await startClinic()
  for (const path of [
    '/sign-up/email',
    '/Bulk',
    '/connections',
    '/Schemas/x/y',
    '/Users/..%2f..%2fsign-up%2femail',
  ])
    expect([path, (await ask('POST', path, {})).status]).toEqual([path, 404])
})

test('D1.1 our migrations leave the SCIM plugin nothing to make', async () => {
  const { server } = await startClinic()
  const { options } = createScim(await server.db(), 'abcdefghijklmnopqrstuvwxyz0123456789', server.url)
  const { toBeCreated, toBeAdded } = await getMigrations(options)
  expect([toBeCreated, toBeAdded]).toEqual([[], []])
})
