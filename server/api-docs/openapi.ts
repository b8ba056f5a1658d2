import type { GenericSchema } from 'valibot'
import { call, type Refusal, refusal } from '../../protocol/http.ts'
import { announcedCall, webhookEvents, webhookPayload } from '../../protocol/programs.ts'
import { statusOf } from '../http/refused.ts'
import type { DescribedAnswer, Route, RouteDescription } from '../http/route.ts'
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts'

/** A description by OpenAPI 3.1. */
export type OpenApi = Readonly<Record<string, unknown>>

/** Shapes that many routes have, each once and by a name. */
const shared: ReadonlyMap<GenericSchema, string> = new Map<GenericSchema, string>([
  [call, 'Call'],
  [announcedCall, 'ExpectedCall'],
  [refusal, 'Refusal'],
])

const groups = {
  Calls: /^\/api\/calls/,
  'Expected calls': /^\/api\/expected-calls/,
  Messages: /^\/api\/messages/,
  Presence: /^\/api\/people/,
  Contacts: /^\/api\/contacts/,
  Places: /^\/api\/(?:places|visits)/,
  Webhooks: /^\/api\/webhooks/,
  Provisioning: /^\/scim\//,
  Operation: /^\/metrics/,
} as const

const keys = {
  key: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A key that `npm run api-key -- create NAME --scopes …` shows once. What it may do are its scopes.',
  },
} as const

/** The routes that are for programs: they admit by a key, or anybody, and say what they do. */
export const isForPrograms = ({ admits, describes }: Route): boolean =>
  admits === 'api-key' ||
  admits === 'scim' ||
  admits === 'metrics' ||
  (admits === 'anyone' && describes !== undefined)

/** What a route says of itself, once for each address that it stands for. @throws for one that says nothing. */
export function descriptionsOf(route: Route): readonly (RouteDescription & { readonly path: string })[] {
  const { describes, method, path } = route
  if (describes === undefined) throw new Error(`${method} ${path} is described nowhere`)
  const all = 'answers' in describes ? [describes] : describes
  return all.map((one) => ({ ...one, path: one.path ?? path.replaceAll(/:(\w+)/g, '{$1}') }))
}

/** The description of all that programs may ask for, from what its routes parse with. */
export function openApiOf(routes: readonly Route[], version: string): OpenApi {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes.filter(isForPrograms))
    for (const described of descriptionsOf(route)) {
      const { path } = described
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, described) }
    }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Reachable',
      version,
      description:
        'What a clinic’s programs ask of a Reachable server. Bodies are JSON; times are milliseconds since 1970. A refusal says what to do in `message`, and in `error` which it is.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }],
    tags: Object.keys(groups).map((name) => ({ name })),
    paths,
    webhooks: webhooks(),
    components: {
      securitySchemes: keys,
      schemas: Object.fromEntries(
        [...shared].map(([schema, name]) => [name, jsonSchemaOf(schema, 'output')]),
      ),
    },
  }
}

function operationOf(route: Route, described: RouteDescription & { readonly path: string }) {
  const { path, summary, about, parameters = {}, body, answers, refuses = [] } = described
  const tag = Object.entries(groups).find(([, pattern]) => pattern.test(path))?.[0]
  const scope = route.admits === 'api-key' ? route.scope : route.admits
  const isOpen = route.admits === 'anyone'
  return {
    operationId: operationId(route.method, path),
    summary,
    description: [about, isOpen ? 'It needs no key.' : `The key holds the scope \`${scope}\`.`]
      .filter(Boolean)
      .join('\n\n'),
    ...(isOpen && { security: [] }),
    ...(tag !== undefined && { tags: [tag] }),
    ...(Object.keys(parameters).length > 0 && {
      parameters: Object.entries(parameters).map(([name, parameter]) => ({
        name,
        in: parameter.in,
        description: parameter.about,
        required: parameter.in === 'path',
        schema: jsonSchemaOf(parameter.schema, 'input'),
      })),
    }),
    ...(body && {
      requestBody: {
        required: true,
        content: { [body.type ?? 'application/json']: { schema: jsonSchemaOf(body.schema, 'input') } },
      },
    }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answerOf(answer)])),
      ...refusalsOf(refuses),
    },
  }
}

/** As `post-api-calls-id-cancel`. */
const operationId = (method: string, path: string): string =>
  `${method.toLowerCase()}${path.replaceAll(/[^A-Za-z0-9]+/g, '-').replace(/-$/, '')}`

const answerOf = ({ about, schema, type = 'application/json' }: DescribedAnswer) => ({
  description: about,
  ...(schema && { content: { [type]: { schema: schemaOrName(schema) } } }),
})

function schemaOrName(schema: GenericSchema): JsonSchema {
  const name = shared.get(schema)
  return name === undefined ? jsonSchemaOf(schema, 'output') : { $ref: `#/components/schemas/${name}` }
}

/** Refusals of one status stand together. */
function refusalsOf(refuses: readonly Refusal['error'][]): Record<string, unknown> {
  const byStatus = Map.groupBy(refuses, statusOf)
  return Object.fromEntries(
    [...byStatus].map(([status, errors]) => [
      String(status),
      {
        description: errors.map((error) => `\`${error}\``).join(', '),
        content: { 'application/json': { schema: schemaOrName(refusal) } },
        ...(status === 429 && { headers: retryAfter }),
      },
    ]),
  )
}

const retryAfter = {
  'Retry-After': { description: 'Seconds until it may be tried again.', schema: { type: 'integer' } },
}

/** What is sent to the address that a program named. */
function webhooks(): Record<string, unknown> {
  const signed = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => ({
    name,
    in: 'header',
    required: true,
    schema: { type: 'string' },
  }))
  return Object.fromEntries(
    webhookEvents.map((type) => {
      const payload = webhookPayload.options.find(({ entries }) => entries.type.literal === type)
      return [
        type,
        {
          post: {
            operationId: type.replace('.', '-'),
            summary: type,
            description: 'Signed as Standard Webhooks says. Whatever is not answered with 2xx is sent again.',
            tags: ['Webhooks'],
            security: [],
            parameters: signed,
            requestBody: {
              required: true,
              content: { 'application/json': { schema: payload ? jsonSchemaOf(payload, 'output') : {} } },
            },
            responses: { '2XX': { description: 'It is taken.' } },
          },
        },
      ]
    }),
  )
}
