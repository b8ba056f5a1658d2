/** What a part may import: other parts of the repository by folder or file, and packages by name. */
export interface Layer {
  readonly part: string
  readonly parts: readonly string[]
  /** `any` for what never ships. */
  readonly packages: readonly string[] | 'any'
}

/** What every part of the server may import, top to bottom as all of it. */
export const ground = [
  'server/leaky-bucket.ts',
  'server/gathered.ts',
  'server/each-for-itself.ts',
  'server/keyed-queue.ts',
  'server/every.ts',
  'server/clock.ts',
  'server/megabyte.ts',
  'server/log.ts',
  'server/json.ts',
  'server/key-scopes.ts',
  'server/environment.ts',
  'server/startup-error.ts',
  'server/certificate-error.ts',
  'server/sqlite-busy.ts',
]

const server = (path: string) => `server/${path}`
const folder = (name: string) => server(`${name}/`)

/** A folder of the server and the folders that it may import. */
const row = (name: string, ...folders: readonly string[]): Layer => ({
  part: folder(name),
  parts: ['protocol/', ...ground, ...folders.map(folder)],
  packages: 'any',
})

/** What draws something that people see. */
const drawing = (layer: Layer): Layer => ({ ...layer, parts: [...layer.parts, 'design/'] })

const folders: readonly Layer[] = [
  row('programs', 'webhooks', 'expected-calls', 'messages', 'people', 'http', 'accounts', 'bus', 'database'),
  row('expected-calls', 'webhooks', 'people', 'bus', 'mail', 'database', 'locales'),
  row('webhooks', 'http', 'accounts', 'database'),
  row('api-docs', 'http'),
  row('scim', 'people', 'http', 'accounts', 'database', 'locales'),
  row('my-account', 'places', 'messages', 'people', 'pages', 'http', 'accounts', 'database', 'locales'),
  drawing(
    row(
      'places',
      ...['rooms', 'pages', 'calls', 'messages', 'people', 'http', 'accounts', 'bus', 'database', 'locales'],
    ),
  ),
  row('rooms', 'pages', 'http', 'accounts', 'bus', 'database', 'locales'),
  row('openid', 'pages', 'http', 'accounts', 'database', 'locales'),
  drawing(row('pages', 'http', 'accounts', 'database', 'locales')),
  row('presence', 'calls', 'people', 'accounts', 'nodes', 'bus', 'database'),
  row('calls', 'people', 'http', 'accounts', 'bus', 'mail', 'database', 'locales'),
  row('messages', 'people', 'bus', 'mail', 'database', 'locales'),
  row('people', 'accounts', 'bus', 'database'),
  row('http', 'accounts', 'database'),
  row('accounts', 'bus', 'mail', 'database', 'locales'),
  drawing(row('mail', 'database', 'locales')),
  row('nodes', 'bus', 'database'),
  row('database'),
  row('bus'),
  row('locales'),
]

/** A file of the server's root, or the commands, and what of the server each may import. */
const root = (name: string, ...parts: readonly string[]): Layer => ({
  part: server(name),
  parts: ['protocol/', ...ground, ...parts.map(server)],
  packages: 'any',
})

/** What this machine keeps for the server and its commands. */
const machine = ['data-directory.ts', 'directory-lock.ts', 'operator-file.ts']

/** The server from top to bottom: each part imports only what stands further down. */
export const serverLayers: readonly Layer[] = [
  root('main.ts', 'run.ts'),
  root('run.ts', 'service.ts', 'command-line.ts', 'config.ts', 'owner-only.ts', 'start-report.ts'),
  root(
    'service.ts',
    ...['compose.ts', 'disk.ts', 'config.ts', 'listen.ts', ...machine],
    ...['people/', 'accounts/', 'nodes/', 'bus/', 'database/'],
  ),
  root(
    'compose.ts',
    ...['purge.ts', 'metrics.ts', 'disk.ts', 'config.ts', 'open-files-limit.ts', 'data-directory.ts'],
    ...['programs/', 'expected-calls/', 'webhooks/', 'api-docs/'],
    ...['scim/', 'my-account/', 'places/', 'rooms/', 'openid/', 'pages/', 'presence/', 'calls/', 'messages/'],
    ...['people/', 'http/'],
    ...['accounts/', 'mail/', 'nodes/', 'database/', 'bus/'],
  ),
  root('metrics.ts', 'disk.ts', 'places/', 'rooms/', 'presence/', 'calls/', 'database/'),
  root('disk.ts', 'data-directory.ts', 'accounts/', 'mail/', 'database/'),
  root(
    'purge.ts',
    'expected-calls/',
    'webhooks/',
    'my-account/',
    'places/',
    'openid/',
    'presence/',
    'calls/',
    'messages/',
    'people/',
    'accounts/',
    'mail/',
    'database/',
  ),
  root(
    'cli/',
    ...['command-line.ts', 'config.ts', 'open-files-limit.ts', 'owner-only.ts', ...machine],
    ...[
      'places/',
      'calls/',
      'people/',
      'http/',
      'accounts/',
      'mail/',
      'nodes/',
      'bus/',
      'database/',
      'locales/',
    ],
  ),
  root(
    'config.ts',
    ...['listen.ts', 'data-directory.ts'],
    ...[
      'rooms/',
      'openid/',
      'calls/',
      'messages/',
      'webhooks/',
      'http/',
      'accounts/',
      'mail/',
      'nodes/',
      'bus/',
    ],
  ),
  ...folders,
  root('listen.ts'),
  root('command-line.ts'),
  root('open-files-limit.ts'),
  root('directory-lock.ts', 'data-directory.ts'),
  root('data-directory.ts', 'owner-only.ts'),
  root('owner-only.ts'),
  root('operator-file.ts'),
  root('start-report.ts'),
  ...ground.map((part, place): Layer => ({ part, parts: ground.slice(place + 1), packages: 'any' })),
]

const background = (path: string) => `entrypoints/background/${path}`

/** A file or folder of the background, and what of it each may import. */
const backgroundPart = (name: string, ...parts: readonly string[]): Layer => ({
  part: background(name),
  parts: ['messages/', 'platform/', 'protocol/', ...parts.map(background)],
  packages: ['#imports', 'dpop', 'idb-keyval', 'valibot'],
})

/** The background from top to bottom: each part imports only what stands further down. */
export const backgroundLayers: readonly Layer[] = [
  backgroundPart(
    'index.ts',
    ...['compose.ts', 'people/', 'calls/', 'lifecycle/', 'outage/', 'pages/', 'toolbar/'],
  ),
  backgroundPart(
    'compose.ts',
    ...[
      'snapshot.ts',
      'pages/',
      'lifecycle/',
      'outage/',
      'connection/',
      'people/',
      'calls/',
      'reachability/',
      'session/',
      'toolbar/',
    ],
    ...['retry-with-backoff.ts', 'paced-changes.ts', 'clocks.ts', 'timer.ts'],
  ),
  backgroundPart(
    'snapshot.ts',
    ...['people/', 'calls/', 'outage/', 'reachability/', 'session/', 'ended-by-server.ts'],
    'retry-with-backoff.ts',
  ),
  backgroundPart(
    'outage/',
    ...['clocks.ts', 'ended-by-server.ts', 'latest-write.ts', 'serial-queue.ts', 'timer.ts'],
  ),
  backgroundPart(
    'pages/',
    ...['lifecycle/', 'people/', 'calls/', 'reachability/', 'session/', 'toolbar/', 'parse-url.ts'],
  ),
  backgroundPart('lifecycle/', 'reachability/', 'session/', 'retry-with-backoff.ts', 'serial-queue.ts'),
  backgroundPart('connection/', ...['people/', 'calls/', 'reachability/', 'session/', 'shown-names.ts']),
  backgroundPart(
    'people/',
    ...['calls/', 'session/', 'clocks.ts', 'latest-write.ts', 'serial-queue.ts'],
    ...['backoff.ts', 'timer.ts'],
  ),
  backgroundPart(
    'calls/',
    ...['clocks.ts', 'latest-write.ts', 'parse-url.ts', 'serial-queue.ts', 'timer.ts'],
  ),
  backgroundPart('reachability/', 'backoff.ts', 'clocks.ts', 'timer.ts'),
  backgroundPart(
    'session/',
    ...['retry-with-backoff.ts', 'latest-write.ts', 'parse-url.ts', 'serial-queue.ts', 'shown-names.ts'],
    'ended-by-server.ts',
  ),
  backgroundPart('toolbar/'),
  backgroundPart('retry-with-backoff.ts', 'backoff.ts'),
  ...[
    ...['backoff.ts', 'clocks.ts', 'ended-by-server.ts', 'latest-write.ts', 'paced-changes.ts'],
    ...['parse-url.ts', 'serial-queue.ts', 'shown-names.ts', 'timer.ts'],
  ].map((name) => backgroundPart(name)),
]

/**
 * The layers of ARCHITECTURE.md. A file belongs to the first layer whose `part` its path begins with,
 * and may always import its own layer.
 */
export const layers: readonly Layer[] = [
  { part: 'protocol/', parts: [], packages: ['valibot'] },
  { part: 'platform/', parts: [], packages: ['wxt'] },
  { part: 'messages/', parts: ['platform/'], packages: [] },
  { part: 'design/', parts: [], packages: [] },
  {
    part: 'components/',
    parts: ['design/', 'messages/'],
    packages: ['preact', '@tanstack/virtual-core', 'linkify-it'],
  },
  ...backgroundLayers,
  { part: 'entrypoints/offscreen/', parts: ['messages/', 'platform/'], packages: [] },
  { part: 'entrypoints/', parts: ['components/', 'messages/'], packages: ['preact'] },
  { part: 'web/page/', parts: [], packages: [] },
  {
    part: 'web/place/',
    parts: ['protocol/', 'web/page/'],
    packages: ['altcha-lib', 'altcha-lib/algorithms/web/pbkdf2', 'valibot'],
  },
  { part: 'assets/', parts: ['components/', 'design/'], packages: ['@resvg/resvg-js', 'wxt'] },
  ...serverLayers,
  { part: 'web/vite.config.ts', parts: [], packages: 'any' },
  {
    part: 'web/room/',
    // Its texts are the server's, which gives them to the page: only their type is taken from there.
    parts: [
      ...['design/', 'protocol/', 'server/locales/room/en.ts', 'web/page/'],
      ...['components/initials.ts', 'messages/isolated.ts'],
    ],
    packages: ['preact'],
  },
  { part: 'scripts/', parts: ['protocol/', 'server/'], packages: 'any' },
  { part: 'tests/', parts: [''], packages: 'any' },
  {
    part: 'wxt.config.ts',
    // The server that a build begins with is read as what somebody types in Options.
    parts: ['assets/', 'entrypoints/background/session/server-address.ts', 'protocol/'],
    packages: 'any',
  },
  { part: 'vitest.config.ts', parts: [], packages: 'any' },
]

/** What only the extension is made of, and the server must not be. */
export const extensionPackages = ['preact', 'wxt', '#imports', 'dpop', 'idb-keyval', 'webextension-polyfill']

/** A package may have a dot in its name too, as ipaddr.js has. */
const isPackage = (imported: string) =>
  imported.startsWith('@') || !/\.(tsx?|css|json|js\?url)$/.test(imported)

/** Whether layer `layer` may import `imported`, a path of the repository or a package's name. */
export function mayImport(layer: Layer, imported: string): boolean {
  if (imported.startsWith('node:')) return layer.packages === 'any' || layer.part === 'assets/'
  if (isPackage(imported)) {
    if (layer.part.startsWith('server/') && extensionPackages.includes(imported)) return false
    return layer.packages === 'any' || layer.packages.includes(imported)
  }
  return [layer.part, ...layer.parts].some((part) => imported.startsWith(part))
}

export const layerOf = (path: string) => layers.find(({ part }) => path.startsWith(part))
