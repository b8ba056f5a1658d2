import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import * as v from 'valibot'
import type { Context, Route } from '../http/route.ts'

const require = createRequire(import.meta.url)

/** The page runs what is here and nothing else, and asks this server alone. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Its signs are drawn in its style.
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Files of the reader, which change with a version of this server; they are no secret of anybody's. */
const cached = 'public, max-age=3600'

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Reachable: the API for programs</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<noscript><p>This page needs scripts. <a href="/api/openapi.json">The description itself</a> needs none.</p></noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

/** Nothing is sent to anybody else: not the address of the description to a validator either. */
const start = `SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
  queryConfigEnabled: false,
})
`

export interface ApiDocsDependencies {
  /** The routes that are to be described. */
  readonly routes: readonly Route[]
}

/** What programs and people read about this server: made, and loaded, when somebody asks. */
export function apiDocsRoutes({ routes }: ApiDocsDependencies): Route[] {
  const openApi = once(async () => {
    const { version } = v.parse(v.object({ version: v.string() }), require('../package.json'))
    return (await import('./openapi.ts')).openApiOf(routes, version)
  })
  const asyncApi = once(async () => (await import('./asyncapi.ts')).asyncApi())
  const file = (path: `/docs/${string}`, type: string, read: () => Promise<string>): Route => ({
    method: 'GET',
    path,
    admits: 'anyone',
    handle: async (context) => shown(context, await read(), type),
  })

  return [
    {
      method: 'GET',
      path: '/api/openapi.json',
      admits: 'anyone',
      handle: async (context) => context.json(await openApi()),
    },
    {
      method: 'GET',
      path: '/api/asyncapi.json',
      admits: 'anyone',
      handle: async (context) => context.json(await asyncApi()),
    },
    {
      method: 'GET',
      path: '/docs',
      admits: 'anyone',
      handle: (context) => context.html(page, 200, { 'Content-Security-Policy': policy }),
    },
    file('/docs/start.js', 'text/javascript; charset=utf-8', async () => start),
    file('/docs/swagger-ui-bundle.js', 'text/javascript; charset=utf-8', () =>
      readText(require.resolve('swagger-ui-dist/swagger-ui-bundle.js')),
    ),
    file('/docs/swagger-ui.css', 'text/css; charset=utf-8', () =>
      readText(require.resolve('swagger-ui-dist/swagger-ui.css')),
    ),
  ]
}

/** Read each time: it is asked for seldom, and large. */
const readText = (path: string) => readFile(path, 'utf8')

const shown = (context: Context, text: string, type: string) =>
  context.body(text, 200, { 'Content-Type': type, 'Cache-Control': cached })

/** What failed is tried again by the next who asks. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}
