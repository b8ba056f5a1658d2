import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inRoot } from '../../scripts/root.ts'
import { environment } from '../../server/config.ts'
import {
  exampleSettings,
  imageInstructions,
  imageProcess,
  readYaml,
  unitProcess,
  unitValues,
} from '../support/deploy-files.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { files, readFile, sourceFiles } from './source-file.ts'

/** Beside the settings of the server: what Node itself reads. */
const ofNode = ['NODE_ENV', 'NODE_COMPILE_CACHE']

interface Node {
  readonly environment: Readonly<Record<string, string>>
  readonly stop_grace_period: string
}

interface Compose {
  readonly services: Readonly<
    Record<string, Node & { readonly image?: string; readonly healthcheck?: object }>
  >
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
}

interface Container {
  readonly env: readonly { readonly name: string; readonly value: string }[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } }
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
  readonly startupProbe: Probe
}

interface Pod {
  readonly terminationGracePeriodSeconds: number
  readonly containers: readonly [Container]
}

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: object }
}

const compose = () => readYaml('compose.yaml')[0] as Compose
const manifest = <Shape>(name: string) => readYaml(`kubernetes/${name}.yaml`)[0] as Manifest & Shape
const pod = () => manifest<{ spec: { template: { spec: Pod } } }>('deployment').spec.template.spec
const container = () => pod().containers[0]
const secret = () => manifest<{ stringData: Record<string, string> }>('secret.example').stringData
const nodes = () => Object.values(compose().services).filter(({ image }) => image === 'reachable')

/** Routes of the server that anybody may ask. */
const isOpenRoute = (path: string) =>
  new RegExp(`path: '${path}',\\s+admits: 'anyone'`).test(readFile('server/http/health-routes.ts'))

/** What comes before the drain and after it, as `server/run.ts` has it, in seconds. */
const besidesDraining = 7

const seconds = (text = '') => Number(/^(\d+)s?$/.exec(text)?.[1])

test('F1.1 every setting that a file for running the server gives it is one that the server has', () => {
  const known = [...Object.keys(environment.entries), ...ofNode]
  const given = [
    ...Object.keys(imageProcess().settings),
    ...Object.keys(unitProcess().settings),
    ...nodes().flatMap((node) => Object.keys(node.environment)),
    ...container().env.map(({ name }) => name),
    ...Object.keys(secret()),
  ]
  expect(given.length).toBeGreaterThan(30)
  expect(given.filter((name) => !known.includes(name))).toEqual([])
})

test('F1.1 the example of an env file has what the compose file asks for, and no secret', () => {
  const text = readFile('deploy/compose.yaml') + readFile('deploy/Caddyfile') + readFile('deploy/nats.conf')
  const asked = [...text.matchAll(/\$\{?\$?([A-Z][A-Z_]+)/g)].map(([, name]) => name ?? '')
  const given = exampleSettings()
  const withDefault = ['REACHABLE_NODES']
  expect(asked.filter((name) => !(name in given) && !withDefault.includes(name))).toEqual([])
  expect(Object.keys(given).filter((name) => !asked.includes(name))).toEqual([])
  const secrets = Object.entries(given).filter(([name]) => /SECRET|PASSWORD|SMTP/.test(name))
  expect(secrets.length).toBeGreaterThan(3)
  expect(secrets.filter(([, value]) => value !== '')).toEqual([])
  expect(execFileSync('git', ['check-ignore', 'deploy/.env'], { cwd: inRoot(), encoding: 'utf8' })).toContain(
    '.env',
  )
})

test('F1.10 coturn does not start without its secret, and whoever does not use it needs none', () => {
  const coturn = compose().services.coturn as unknown as {
    readonly environment: object
    readonly entrypoint: readonly [string, ...string[]]
  }
  expect(JSON.stringify(coturn.environment)).toContain('{TURN_SECRET:-}')
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'turnserver'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 })
  const [program, ...words] = coturn.entrypoint.map((word) => word.replaceAll('$$', '$'))
  const start = (TURN_SECRET: string) =>
    spawnSync(program ?? '', [...words, '--no-cli'], {
      env: { PATH: `${folder}:${process.env.PATH}`, TURN_SECRET },
      encoding: 'utf8',
    })
  expect(start('hush').stdout).toBe('--static-auth-secret=hush --no-cli\n')
  expect(start('')).toMatchObject({ stdout: '', stderr: expect.stringContaining('put it into .env') })
  expect(start('').status).not.toBe(0)
})

test('F1.9 the command for systemd runs commands as the unit’s user with the unit’s settings, and nothing else', () => {
  const folder = temporaryFolder()
  const program = join(folder, 'systemd-run')
  writeFileSync(program, '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 })
  const run = (...words: string[]) =>
    spawnSync('sh', [inRoot('deploy', 'reachable-command'), ...words], {
      env: { PATH: `${folder}:${process.env.PATH}` },
      encoding: 'utf8',
    })
  const said = run('account', 'add', '--name', 'Ann Lee').stdout.trimEnd().split('\n')
  const file = '/opt/reachable/server/cli/account.ts'
  expect(said.slice(-5)).toEqual([unitProcess().command[0], file, 'add', '--name', 'Ann Lee'])
  const { NODE_COMPILE_CACHE: _, ...settings } = unitProcess().settings
  const set = said.filter((word) => word.startsWith('--setenv='))
  expect(set.sort()).toEqual(
    Object.entries(settings)
      .map(([name, value]) => `--setenv=${name}=${value}`)
      .sort(),
  )
  for (const name of ['DynamicUser', 'StateDirectory', 'StateDirectoryMode', 'UMask', 'EnvironmentFile'])
    expect(said).toContain(`--property=${name}=${unitValues(name)[0]}`)
  for (const name of readdirSync(inRoot('server', 'cli')))
    if (readFile(`server/cli/${name}`).includes('await runCommand(help'))
      expect(run(name.replace(/\.ts$/, '')).status, name).toBe(0)
  for (const words of [[], ['../main'], ['list']]) expect(run(...words).status).toBe(2)
})

test('F1.2 whoever stops a node gives it longer than it drains', () => {
  expect(nodes()).toHaveLength(2)
  for (const node of nodes())
    expect(seconds(node.stop_grace_period)).toBeGreaterThan(
      Number(node.environment.DRAIN_SECONDS) + besidesDraining,
    )
  expect(seconds(unitValues('TimeoutStopSec')[0])).toBeGreaterThan(
    Number(unitProcess().settings.DRAIN_SECONDS) + besidesDraining,
  )
  const drains = Number(container().env.find(({ name }) => name === 'DRAIN_SECONDS')?.value)
  const before = Number(container().lifecycle.preStop.exec.command.at(-1))
  expect(pod().terminationGracePeriodSeconds).toBeGreaterThan(before + drains + besidesDraining)
  // What this adds to the drain stands there, and no more.
  expect(readFile('server/run.ts')).toMatch(/stopWithin = 1_900\n[\s\S]*drainSlack = 5_000/)
})

test('F1.3 every file looks for nodes at the port where they listen, and asks them what they answer', () => {
  const { PORT, HOST } = imageProcess().settings
  expect({ PORT, HOST }).toEqual({ PORT: '8787', HOST: '0.0.0.0' })
  const health = imageInstructions().find(([name]) => name === 'HEALTHCHECK')?.[1]
  expect(health).toContain(`http://127.0.0.1:${PORT}/ready`)
  expect(imageInstructions().find(([name]) => name === 'EXPOSE')?.[1]).toBe(PORT)
  const caddy = readFile('deploy/Caddyfile')
  for (const [name, service] of Object.entries(compose().services))
    if (service.image === 'reachable') expect(caddy).toContain(`${name}:${PORT}`)
  expect(caddy).toContain('health_uri /ready')
  const [port] = container().ports
  expect(port?.containerPort).toBe(Number(PORT))
  const { livenessProbe, readinessProbe, startupProbe } = container()
  expect([livenessProbe, readinessProbe, startupProbe].map(({ httpGet }) => httpGet)).toEqual([
    { path: '/live', port: port?.name },
    { path: '/ready', port: port?.name },
    { path: '/live', port: port?.name },
  ])
  expect(isOpenRoute('/ready') && isOpenRoute('/live')).toBe(true)
  const service = manifest<{ spec: { ports: [{ name: string; targetPort: string }] } }>('service').spec
    .ports[0]
  expect(service.targetPort).toBe(port?.name)
  expect(JSON.stringify(manifest('ingress'))).toContain(
    `"name":"reachable","port":{"name":"${service.name}"}`,
  )
  expect(JSON.stringify(manifest('network-policy'))).toContain(`"ports":[{"port":${PORT}}]`)
})

test('F1.4 the image has what the server is made of, and runs as nobody who may change it', () => {
  const copied = imageInstructions().flatMap(([name, rest]) =>
    name === 'COPY' && !rest.startsWith('--from') ? [rest.split(' ')[0]] : [],
  )
  const needed = new Set(
    sourceFiles()
      .filter(({ path }) => path.startsWith('server/'))
      .flatMap(({ imports }) => imports.filter((one) => /^[a-z]+\/.*\.(ts|css)$/.test(one)))
      .map((path) => path.split('/')[0]),
  )
  expect([...needed].sort()).toEqual(['design', 'protocol', 'server'])
  expect(copied.sort()).toEqual([...needed].sort())
  const ignored = readFile('deploy/Containerfile.dockerignore')
  for (const folder of needed) expect(ignored).toContain(`\n!${folder}\n`)
  const user = imageInstructions().findIndex(([name]) => name === 'USER')
  expect(imageInstructions()[user]?.[1]).toBe('node')
  expect(imageInstructions().findLastIndex(([name]) => name === 'RUN')).toBeLessThan(user)
})

test('F1.5 manifests mean the same pods, and machines are emptied one node at a time', () => {
  const labels = { 'app.kubernetes.io/name': 'reachable' }
  const deployment = manifest<{
    spec: { replicas: number; selector: object; template: { metadata: object } }
  }>('deployment')
  expect(deployment.spec.replicas).toBe(3)
  expect(deployment.spec.selector).toEqual({ matchLabels: labels })
  expect(deployment.spec.template.metadata).toEqual({ labels })
  const budget = manifest<{ spec: object }>('disruption-budget')
  expect(budget.spec).toEqual({ maxUnavailable: 1, selector: { matchLabels: labels } })
  expect(manifest<{ spec: { selector: object } }>('service').spec.selector).toEqual(labels)
  expect(manifest<{ spec: object }>('network-policy').spec).toMatchObject({
    podSelector: { matchLabels: labels },
  })
  const { resources } = readYaml('kubernetes/kustomization.yaml')[0] as { resources: readonly string[] }
  const others = ['kustomization.yaml', 'secret.example.yaml']
  expect([...resources, ...others].sort()).toEqual(readdirSync(inRoot('deploy', 'kubernetes')).sort())
})

test('F1.6 the dashboard asks for figures that the server tells', () => {
  const told = [...readFile('server/metrics.ts').matchAll(/\bname: '([a-z_]+)'/g)].map(
    ([, name]) => name ?? '',
  )
  const asked = [...readFile('deploy/grafana/reachable.json').matchAll(/\breachable_([a-z_]+)/g)].map(
    ([, name]) => name ?? '',
  )
  expect(told.length).toBeGreaterThan(10)
  expect(asked.length).toBeGreaterThan(15)
  expect(asked.filter((name) => !told.includes(name))).toEqual([])
})

test('F1.7 every file for running the server is one that a machine looks at here', () => {
  const known =
    /^deploy\/(Containerfile(\.dockerignore)?|Caddyfile|nats\.conf|example\.env|reachable-command|compose\.yaml|reachable\.service|grafana\/reachable\.json|kubernetes\/[\w.-]+\.yaml)$/
  const there = files().filter((path) => path.startsWith('deploy/'))
  expect(there.length).toBeGreaterThan(10)
  expect(there.filter((path) => !known.test(path))).toEqual([])
})

test('F1.8 what docs/DEPLOYING.md says of connections to PostgreSQL and of times is what the server has', () => {
  const docs = readFile('docs/DEPLOYING.md').replace(/\s+/g, ' ')
  const number = (path: string, pattern: RegExp) =>
    Number(pattern.exec(readFile(path))?.[1]?.replaceAll('_', ''))
  const opening = 'server/database/open-postgres.ts'
  const own = number(opening, /connections = (\d+),/)
  const lanes = ['probe', 'calls', 'counts'].map((lane) =>
    number(opening, new RegExp(`lanes = \\{[^}]*${lane}: (\\d+)`)),
  )
  const each = lanes.reduce((sum, lane) => sum + lane, own)
  expect(docs).toContain(`A node holds ${each} connections at most: ${own}, and ${each - own} more`)
  expect(docs).toContain(`let \`max_connections\` be ${each} for each node, ${each} more, and 20 for`)
  expect(docs).toContain(`${each * 4 + 20} for three nodes; its default of 100 does for five.`)
  const scale = readFile('docs/SCALE.md').replace(/\s+/g, ' ')
  expect(scale).toContain(
    `a node holds up to ${each}, so 200 nodes want ${(200 * each).toLocaleString('en')}`,
  )
  // Three are kept for superusers.
  expect(Math.floor((100 - 3 - 20) / each) - 1).toBe(5)
  const claimed = number('server/mail/mail-transport.ts', /longestTry = ([\d_]+)/) + 30_000
  expect(readFile('server/mail/outbox-worker.ts')).toContain('claimedFor = longestTry + 30_000')
  expect(docs).toContain(`waits until ${claimed / 1_000} s after that began`)
  expect(docs).toContain(`\`DRAIN_SECONDS\` and ${besidesDraining} s, and what comes before`)
  const grace = pod().terminationGracePeriodSeconds
  expect(docs).toContain(`(5 + 60 + ${besidesDraining} < ${grace})`)
})
