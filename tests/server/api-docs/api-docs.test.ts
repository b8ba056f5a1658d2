import { createRequire } from 'node:module'
import { Parser } from '@asyncapi/parser'
import { Validator } from '@seriousme/openapi-schema-validator'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { deviceMessage, serverMessage } from '../../../protocol/connection.ts'
import { webhookEvents } from '../../../protocol/programs.ts'
import { readFile, sourceFiles } from '../../structure/source-file.ts'
import { addPlace, visitorAt } from '../places/place-on-server.ts'
import { programWith } from '../programs/program.ts'
import { post } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, settle } from '../support/people.ts'
import { expectSchema } from './json-schema-check.ts'

const description = v.looseObject({
  openapi: v.string(),
  paths: v.record(
    v.string(),
    v.record(v.string(), v.looseObject({ responses: v.record(v.string(), v.looseObject({})) })),
  ),
  webhooks: v.record(v.string(), v.unknown()),
  components: v.looseObject({ schemas: v.record(v.string(), v.unknown()) }),
})

async function described() {
  const server = await startInProcessServer()
  const response = await fetch(`${server.url}/api/openapi.json`)
  const openApi = v.parse(description, await response.json())
  return { server, openApi }
}

/** As the sources have them: by the lines that say whom a route admits. */
const routesOfPrograms = () =>
  sourceFiles()
    .filter(({ path }) => path.startsWith('server/'))
    .flatMap(({ text }) => [
      ...text.matchAll(
        /method: '(\w+)',\s+path: '([^']+)',\s+admits: '(?:api-key|metrics|anyone(?=',\s+describes:))'/g,
      ),
    ])
    .map(([, method = '', path = '']) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)

test('PP4.1 the description is valid OpenAPI 3.1 and has each route for programs', async () => {
  const { openApi } = await described()
  expect(openApi.openapi).toBe('3.1.1')
  const { valid, errors } = await new Validator().validate(structuredClone(openApi))
  expect([errors, valid]).toEqual([undefined, true])
  const told = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const routes = routesOfPrograms()
  expect(routes.length).toBeGreaterThan(12)
  expect(told.filter((route) => !route.includes('/scim/')).toSorted()).toEqual(routes.toSorted())
  // One route stands for all of these: /scim/v2/*, by each method.
  expect(told.filter((route) => route.includes('/scim/')).toSorted()).toEqual([
    'DELETE /scim/v2/Groups/{id}',
    'DELETE /scim/v2/Users/{id}',
    'GET /scim/v2/Groups',
    'GET /scim/v2/Groups/{id}',
    'GET /scim/v2/ResourceTypes',
    'GET /scim/v2/Schemas',
    'GET /scim/v2/ServiceProviderConfig',
    'GET /scim/v2/Users',
    'GET /scim/v2/Users/{id}',
    'PATCH /scim/v2/Groups/{id}',
    'PATCH /scim/v2/Users/{id}',
    'POST /scim/v2/Groups',
    'POST /scim/v2/Users',
    'PUT /scim/v2/Groups/{id}',
    'PUT /scim/v2/Users/{id}',
  ])
  expect(Object.keys(openApi.webhooks)).toEqual([...webhookEvents])
  // docs/API.md tells each of them to people.
  const told2 = readFile('docs/API.md')
  for (const route of routes) expect(told2).toContain(`## \`${route.replaceAll(/\{(\w+)\}/g, ':$1')}\``)
})

test('PP4.1 what routes answer fits what is said of it, and what they refuse too', async () => {
  const { server, openApi } = await described()
  await settle(server, ann, ben)
  const program = await programWith(server, 'All', [
    'calls',
    'messages',
    'presence',
    'contacts',
    'webhooks',
    'scim',
    'metrics',
  ])
  const check = async (route: string, response: Response) => {
    const [method = '', path = ''] = route.split(' ')
    const answer = openApi.paths[path]?.[method.toLowerCase()]?.responses[String(response.status)]
    expect([route, response.status, answer !== undefined]).toEqual([route, response.status, true])
    const text = await response.text()
    const body = text === '' ? undefined : JSON.parse(text)
    if (text !== '') expectSchema(openApi, answer, response.headers.get('content-type') ?? '', body)
    return body
  }
  const call = await check('POST /api/calls', await program.post('/api/calls', { to: 'ann' }))
  await check('POST /api/calls', await program.post('/api/calls', {}))
  await check('POST /api/calls', await program.post('/api/calls', { to: 'zoe' }))
  await check('GET /api/calls/{id}', await program.get(`/api/calls/${call.id}`))
  await check('GET /api/calls/{id}', await program.get('/api/calls/x'))
  await check('POST /api/calls/{id}/cancel', await program.post(`/api/calls/${call.id}/cancel`, {}))
  await check('POST /api/messages', await program.post('/api/messages', { to: 'ann', text: 'x' }))
  await check('POST /api/messages', await program.post('/api/messages', { to: 'ann' }))
  await check('GET /api/people/{username}/presence', await program.get('/api/people/ann/presence'))
  await check('POST /api/contacts', await program.post('/api/contacts', { people: ['ann', 'ben.b-1'] }))
  await check('DELETE /api/contacts', await program.delete('/api/contacts', { people: ['ann', 'ben.b-1'] }))
  const url = 'https://portal.example/x'
  const hook = await check(
    'POST /api/webhooks',
    await program.post('/api/webhooks', { url, events: ['call.ended'] }),
  )
  await check(
    'POST /api/webhooks',
    await program.post('/api/webhooks', { url: 'http://x.example', events: ['call.ended'] }),
  )
  await check('GET /api/webhooks', await program.get('/api/webhooks'))
  await check('POST /api/webhooks/{id}/secret', await program.post(`/api/webhooks/${hook.id}/secret`, {}))
  await check('POST /api/webhooks/{id}/enable', await program.post(`/api/webhooks/${hook.id}/enable`, {}))
  await check('DELETE /api/webhooks/{id}', await program.delete(`/api/webhooks/${hook.id}`, {}))
  await check('DELETE /api/webhooks/{id}', await program.delete(`/api/webhooks/${hook.id}`, {}))
  await check('GET /scim/v2/Users', await program.get('/scim/v2/Users'))
  await check('GET /scim/v2/Users/{id}', await program.get('/scim/v2/Users/x'))
  await check('GET /scim/v2/ServiceProviderConfig', await program.get('/scim/v2/ServiceProviderConfig'))
  await check('GET /api/webhooks', await fetch(`${server.url}/api/webhooks`))
  const ids = await (await server.db()).selectFrom('user').select('id').execute()
  await addPlace(server, { members: ids.map(({ id }) => id) })
  const visitor = visitorAt(server)
  await check('GET /api/places/{slug}', await fetch(`${server.url}/api/places/desk`))
  await check('GET /api/places/{slug}', await fetch(`${server.url}/api/places/none`))
  await check('POST /api/places/{slug}/visits', await visitor.press({ name: 'Maria', key: 'k'.repeat(16) }))
  await check('POST /api/places/{slug}/visits', await visitor.press({ name: '', key: 'k' }))
  for (const what of ['wait', 'end'])
    await check(
      `POST /api/visits/{id}/${what}`,
      await post(server, `/api/visits/x/${what}`, { secret: 'x', seen: null }),
    )
})

test('PP4.2 the page reads it from files of this server, with a policy that lets nothing else in', async () => {
  const server = await startInProcessServer()
  const page = await fetch(`${server.url}/docs`)
  const policy = page.headers.get('content-security-policy') ?? ''
  const html = await page.text()
  const directives = policy.split('; ').filter((directive) => !directive.endsWith("'none'"))
  expect(policy).toContain("default-src 'none'")
  expect(directives).toEqual([
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
  ])
  expect(html).not.toMatch(/https?:|<script>|<style|style=|\son\w+=/)
  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path)
  expect(files).toHaveLength(4)
  for (const path of files) {
    const file = await fetch(`${server.url}${path}`)
    expect([path, file.status, (await file.text()).length > 100]).toEqual([path, 200, true])
  }
  expect((await fetch(`${server.url}/docs/swagger-initializer.js`)).status).toBe(404)
  expect((await fetch(`${server.url}/docs/..%2fpackage.json`)).status).toBe(404)
})

test('PP4.2 what makes the description is loaded by the first who asks for it', () => {
  const importsAtStart = sourceFiles()
    .filter(({ path }) => path.startsWith('server/'))
    .filter(({ text }) => /^import .*(?:to-json-schema|swagger-ui-dist)/m.test(text))
    .map(({ path }) => path)
  expect(importsAtStart).toEqual(['server/api-docs/json-schema.ts'])
  const statically = sourceFiles().filter(({ text }) =>
    /^import .*'\.\/(?:openapi|asyncapi|json-schema)\.ts'/m.test(text),
  )
  expect(
    statically
      .map(({ path }) => path)
      .filter((path) => path.startsWith('server/'))
      .toSorted(),
  ).toEqual(['server/api-docs/asyncapi.ts', 'server/api-docs/openapi.ts'])
  expect(Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('swagger-ui'))).toBe(
    false,
  )
})

test('PP4.3 the description of the connection is valid AsyncAPI 3 and has each of its messages', async () => {
  const server = await startInProcessServer()
  const text = await (await fetch(`${server.url}/api/asyncapi.json`)).text()
  const { document, diagnostics } = await new Parser().parse(text)
  // 0 is an error, 1 a warning; the rest are tips.
  expect(
    diagnostics.filter(({ severity }) => severity <= 1).map(({ message, path }) => ({ message, path })),
  ).toEqual([])
  expect(document?.version()).toBe('3.0.0')
  const said = (operation: string) =>
    document
      ?.operations()
      .get(operation)
      ?.messages()
      .all()
      .map((message) => message.name())
      .toSorted()
  const types = (options: readonly { entries: { type: { literal: string } } }[]) =>
    options.map(({ entries }) => entries.type.literal).toSorted()
  expect(said('fromDevice')).toEqual(types(deviceMessage.options))
  expect(said('fromServer')).toEqual(types(serverMessage.options))
})
