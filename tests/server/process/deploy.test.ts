import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFailed, onTestFinished, test } from 'vitest'
import { findNats } from '../../../scripts/nodes/ensure-node-services.ts'
import { inRoot } from '../../../scripts/root.ts'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import { readOperatorFile } from '../../../server/operator-file.ts'
import { type DeployedProcess, imageProcess, readYaml, unitProcess } from '../../support/deploy-files.ts'
import { testPostgres } from '../../support/nodes/postgres.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

type Settings = Readonly<Record<string, string>>

/** A program with nothing in its environment but what is said, and what it printed. */
function start(program: string, words: readonly string[], env: Settings, cwd: string) {
  const child = spawn(program, words, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => output.push(line))
  onTestFinished(() => void child.kill('SIGKILL'))
  onTestFailed(() => console.log(output.join('\n')))
  return { child, output }
}

/** Starts what a file says, with this repository where the file has it, on a free port. */
async function startDeployed({ command, settings }: DeployedProcess, more: Settings = {}) {
  const folder = temporaryFolder()
  const dataDir = join(folder, 'data')
  const [program, ...words] = command
  const main = words.pop() ?? ''
  expect(program).toMatch(/(^|\/)node$/)
  const path = inRoot(...main.replace('/opt/reachable/', '').split('/'))
  const { child } = start(
    process.execPath,
    [...words, path],
    { ...settings, ...more, DATA_DIR: dataDir, PORT: '0', NODE_COMPILE_CACHE: join(folder, 'cache') },
    folder,
  )
  const operator = join(dataDir, 'operator.json')
  await expect.poll(() => existsSync(operator), { timeout: 30_000 }).toBe(true)
  const url = new URL(readOperatorFile(operator)?.url ?? '')
  url.hostname = '127.0.0.1'
  return {
    child,
    ask: (route: string, headers: Settings = {}) => fetch(new URL(route, url), { headers }),
  }
}

const untilReady = (ask: (route: string) => Promise<Response>) =>
  expect.poll(async () => (await ask('/ready')).status, { timeout: 30_000 }).toBe(200)

/** SIGTERM. @returns the code by which it ended. */
async function stop(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  return (await ended)[0]
}

/** The names of all figures, as a program that watches reads them. */
async function metricsOf(
  ask: (route: string, headers: Settings) => Promise<Response>,
  databaseUrl: string,
): Promise<ReadonlySet<string>> {
  const db = await openPostgres(databaseUrl, { connections: 1 })
  const key = await createApiKey(db, 'prometheus', Date.now(), 'metrics')
  await db.destroy()
  const text = await (await ask('/metrics', { authorization: `Bearer ${key}` })).text()
  return new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name ?? ''))
}

/** The names of the figures in its questions. */
function askedByDashboard(): string[] {
  const text = readFileSync(inRoot('deploy', 'grafana', 'reachable.json'), 'utf8')
  const asked = [...text.matchAll(/\b((?:reachable|process|nodejs)_\w+)\{/g)].map(([, name]) => name ?? '')
  expect(asked.length).toBeGreaterThan(25)
  return [...new Set(asked)]
}

test('F2.1 the systemd unit’s command, with its settings alone, becomes ready and ends by SIGTERM', async () => {
  const { child, ask } = await startDeployed(unitProcess())
  await untilReady(ask)
  expect((await ask('/live')).status).toBe(200)
  expect(await stop(child)).toBe(0)
})

test('F2.1 F1.6 the image’s command, with the compose file’s settings, becomes a ready node by nats.conf, drains and ends by SIGTERM', async () => {
  const password = 'of-letters-and-digits'
  const folder = temporaryFolder()
  const config = join(folder, 'nats.conf')
  const written = readFileSync(inRoot('deploy', 'nats.conf'), 'utf8')
  writeFileSync(
    config,
    written.replace('port: 4222', 'port: -1').replace('http: 8222', 'http: "127.0.0.1:-1"'),
  )
  const nats = start(
    findNats() ?? '',
    ['--addr', '127.0.0.1', '--config', config],
    { NATS_PASSWORD: password },
    folder,
  )
  const natsPort = () =>
    nats.output.map((line) => /client connections on [\d.]+:(\d+)/.exec(line)?.[1]).find(Boolean)
  await expect.poll(natsPort, { timeout: 20_000 }).toBeDefined()

  const [{ services }] = readYaml('compose.yaml') as [
    { services: Record<string, { environment: Record<string, string> }> },
  ]
  const chosen: Settings = {
    REACHABLE_HOST: 'reachable.example',
    AUTH_SECRET: 'a'.repeat(64),
    NATS_PASSWORD: password,
  }
  const filled = Object.entries(services['node-1']?.environment ?? {}).map(([name, value]) => [
    name,
    value.replace(/\$\{([A-Z_]+)[^}]*\}/g, (_, asked) => chosen[asked] ?? ''),
  ])
  const databaseUrl = await testPostgres()
  const { child, ask } = await startDeployed(imageProcess(), {
    ...imageProcess().settings,
    ...Object.fromEntries(filled),
    DATABASE_URL: databaseUrl,
    NATS_URL: `nats://reachable:${password}@127.0.0.1:${natsPort()}`,
  })
  await untilReady(ask)
  expect(nats.output.filter((line) => /violation/i.test(line))).toEqual([])
  const told = await metricsOf(ask, databaseUrl)
  expect(askedByDashboard().filter((name) => !told.has(name))).toEqual([])
  expect(await stop(child)).toBe(0)
  // A subject that the file does not let nodes use would be said here.
  expect(nats.output.filter((line) => /violation/i.test(line))).toEqual([])
})
