import { expect, test } from 'vitest'
import { createApiKey, findApiKey, listApiKeys } from '../../../server/accounts/api-keys.ts'
import { keyScopes, parseScopes, scopesText } from '../../../server/key-scopes.ts'
import { runCommand } from '../../support/server/run-command.ts'
import { memoryDatabase } from '../people/memory-database.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { mailsTo } from '../support/mailbox.ts'
import { ann, ben, settle } from '../support/people.ts'
import { programWith, provisionedBy } from './program.ts'

/** One request for each scope that a route asks for, and what it is answered that holds it. */
const asked = [
  ['calls', 'POST', '/api/calls', { to: 'ann' }, 201],
  ['messages', 'POST', '/api/messages', { to: 'ann', text: 'Hello' }, 201],
  ['presence', 'GET', '/api/people/ann/presence', undefined, 200],
  ['contacts', 'POST', '/api/contacts', { people: ['ann', 'ben.b-1'] }, 200],
  ['webhooks', 'GET', '/api/webhooks', undefined, 200],
  ['metrics', 'GET', '/metrics', undefined, 200],
  ['scim', 'GET', '/scim/v2/Users', undefined, 200],
] as const

test('PP1.1 a key does what its scopes say, each by itself and several together, and nothing else', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  const done = async (scopes: Parameters<typeof programWith>[2]) => {
    const program = await programWith(server, `key for ${[scopes].flat().join(' ')}`, scopes)
    const statuses = []
    for (const [scope, method, path, body, good] of asked) {
      const response = method === 'POST' ? await program.post(path, body) : await program.get(path)
      if (response.status === good) statuses.push(scope)
      // A key that is tried here and there is slowed.
      else expect([401, 403, 429]).toContain(response.status)
    }
    return statuses
  }
  for (const [scope] of asked) expect(await done(scope)).toEqual([scope])
  expect(await done(['presence', 'calls', 'metrics'])).toEqual(['calls', 'presence', 'metrics'])
  expect(await done('expected-calls')).toEqual([])
}, 60_000)

test('PP1.1 a key of before there were several scopes does what it did; a strange one opens nothing', async () => {
  const db = await memoryDatabase()
  const keys = new Map<string, string>()
  for (const scope of ['calls', 'scim', 'metrics', 'calls teleport'] as const) {
    const key = (await createApiKey(db, scope, 1)) ?? ''
    await db.updateTable('apiKey').set({ scope }).where('name', '=', scope).execute()
    keys.set(scope, key)
  }
  const scopesOf = async (name: string) => (await findApiKey(db, keys.get(name) ?? '', 2))?.scopes
  expect(await scopesOf('calls')).toEqual(['calls'])
  expect(await scopesOf('scim')).toEqual(['scim'])
  expect(await scopesOf('metrics')).toEqual(['metrics'])
  expect(await scopesOf('calls teleport')).toEqual(['calls'])
  await createApiKey(db, 'several', 1, ['webhooks', 'calls', 'webhooks'])
  expect((await listApiKeys(db)).at(-1)?.scope).toBe('calls webhooks')
  expect(parseScopes(scopesText(keyScopes))).toEqual(keyScopes)
})

test('PP1.2 a key that is limited to its clinic’s people knows nobody else', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  await provisionedBy(server, ann, 'north')
  const scopes = ['calls', 'messages', 'presence', 'contacts'] as const
  const north = await programWith(server, 'North', scopes, 'north')
  const south = await programWith(server, 'South', scopes, 'south')
  const ask = async (program: typeof north, to: string) => {
    const answers = [
      await program.post('/api/calls', { to }),
      await program.post('/api/messages', { to, text: 'Hello' }),
      await program.get(`/api/people/${to}/presence`),
      await program.post('/api/contacts', { people: ['ann', to] }),
    ]
    return Promise.all(
      answers.map(async (response) => [
        response.status,
        ((await response.json()) as { message?: string }).message,
      ]),
    )
  }
  const nobody = (name: string) => Array(4).fill([404, `There is no account ${name}.`])
  expect(await ask(north, 'ben.b-1')).toEqual(nobody('ben.b-1'))
  expect(await ask(north, 'zoe')).toEqual(nobody('zoe'))
  expect((await ask(south, 'ann')).map(([status]) => status)).toEqual([404, 404, 404, 404])
  expect((await ask(north, 'ann')).map(([status]) => status)).toEqual([201, 201, 200, 400])
})

test('PP1.3 the command makes a key with several scopes, and the list, the record and the operator’s mail tell them', async () => {
  const operator = 'operator@clinic.example'
  const server = await startInProcessServer({ env: { OPERATOR_EMAIL: operator } })
  const at = { dataDir: server.dataDir, env: { OPERATOR_EMAIL: operator } }
  const run = (...args: readonly string[]) => runCommand(at, 'api-key', ...args)
  const made = await run('create', 'Portal', '--scopes', 'messages, calls')
  const key = /^(reachable_\S+)$/m.exec(made.out)?.[1] ?? ''
  const db = await server.db()
  expect((await findApiKey(db, key, Date.now()))?.scopes).toEqual(['calls', 'messages'])
  const limited = await run('create', 'North', '--scopes', 'calls', '--own-people', 'north')
  const own = /^(reachable_\S+)$/m.exec(limited.out)?.[1] ?? ''
  expect(await findApiKey(db, own, Date.now())).toMatchObject({ provisioningDomain: 'north' })
  const { out } = await run('list')
  expect(out).toMatch(/Portal +calls, messages /)
  expect(out).toMatch(/North +calls, the people of north /)
  const entry = await db
    .selectFrom('audit')
    .select('detail')
    .where('what', '=', 'api-key-created')
    .executeTakeFirst()
  expect(JSON.parse(entry?.detail ?? '')).toEqual({ by: 'operator', key: 'Portal', scope: 'calls messages' })
  const mails = await mailsTo(server, operator, 2)
  expect(mails.map(({ text }) => text).join()).toContain('place calls, write to people')
  const wrong = await run('create', 'x', '--scopes', 'calls,teleport')
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('There is no scope "teleport".')])
  for (const scope of keyScopes) expect(wrong.err).toContain(scope)
  for (const misuse of [
    ['--scopes', ''],
    ['--scopes', 'calls', '--scim'],
    ['--scopes', 'calls', '--own-people', 'north', '--domains', 'north.example'],
    ['--scopes', 'metrics', '--own-people', 'north'],
  ])
    expect([misuse, (await run('create', 'x', ...misuse)).code]).toEqual([misuse, 2])
}, 60_000)
