import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { type RunningServer, readOperatorFile } from '../../../server/operator-file.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const within = 5_000

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids)
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It is gone.
    }
}

const parentOf = (pid: number) =>
  Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }))

interface Started {
  readonly server: RunningServer
  /** Everybody between the server and this test, the server's own parent first. */
  readonly parents: readonly number[]
}

/** Runs a command that ends up in a server, and says who is whose parent. */
async function started(command: string, parameters: readonly string[], cwd = inRoot()): Promise<Started> {
  const dataDir = temporaryFolder()
  const { PATH, HOME, npm_lifecycle_event: _, ...rest } = process.env
  const child = spawn(command, parameters, {
    cwd,
    env: { ...rest, PATH, HOME, DATA_DIR: dataDir, PORT: '0', DEMO_ACCOUNTS: '', LOG_LEVEL: 'silent' },
    stdio: 'ignore',
  })
  await once(child, 'spawn')
  onTestFinished(() => killAll([child.pid ?? 0]))
  let server: RunningServer | undefined
  await expect
    .poll(
      () => {
        server = readOperatorFile(join(dataDir, 'operator.json'))
        return server?.pid
      },
      { timeout: 15_000 },
    )
    .toBeDefined()
  if (!server) throw new Error('there is no server')
  const parents: number[] = []
  for (let pid = server.pid; pid !== child.pid; ) {
    pid = parentOf(pid)
    parents.push(pid)
  }
  onTestFinished(() => killAll([...parents, server?.pid ?? 0]))
  return { server, parents }
}

const setUpOf = (root: string) =>
  `node ${join(root, 'scripts', 'set-up.mjs')} ${inRoot('tests', 'server', 'process', 'following', 'start-server.ts')}`

/** The start of a package, run by the real npm. */
function npmStart(folder: string, start: string): Parameters<typeof started> {
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'x', private: true, scripts: { start } }),
  )
  return ['npm', ['start'], folder]
}

/** As our own `npm start` does, but for what it starts. */
function byOwnScript() {
  const root = temporaryFolder()
  for (const path of ['node_modules', 'package-lock.json']) symlinkSync(inRoot(path), join(root, path))
  cpSync(inRoot('scripts', 'set-up.mjs'), join(root, 'scripts', 'set-up.mjs'))
  return npmStart(root, setUpOf(root))
}

/** Its shell waits, since something comes after. */
const byForeignScript = () => npmStart(temporaryFolder(), `${setUpOf(inRoot())}; true`)

test.each([0, 1, 2, 3])(
  'S4.3 a server that `npm start` started ends within 5 s when parent %i of it is killed, and lets go of its port',
  async (which) => {
    const { server, parents } = await started(...byOwnScript())
    expect((await fetch(`${server.url}/ready`)).status).toBe(200)
    // The shell that npm uses may be one that puts the command in its own place.
    const victim = parents[which]
    if (victim === undefined) return expect(which).toBe(3)
    process.kill(victim, 'SIGKILL')
    await expect.poll(() => isAlive(server.pid), { timeout: within, interval: 25 }).toBe(false)
    await expect(fetch(`${server.url}/ready`)).rejects.toThrow()
    await expect.poll(() => parents.filter(isAlive), { timeout: within, interval: 25 }).toEqual([])
  },
)

test.each([0, 1])(
  'S4.3 so does one that is restarted as its sources change, when parent %i of it is killed',
  async (which) => {
    const script = inRoot('tests', 'server', 'process', 'following', 'develop-server.ts')
    const { server, parents } = await started(process.execPath, [script])
    expect(parents).toHaveLength(2)
    process.kill(parents[which] ?? 0, 'SIGKILL')
    await expect.poll(() => isAlive(server.pid), { timeout: within, interval: 25 }).toBe(false)
    await expect.poll(() => parents.filter(isAlive), { timeout: within, interval: 25 }).toEqual([])
  },
)

test('S4.4 a server that was started by hand stays when the shell that it was started from is gone', async () => {
  const main = inRoot('server', 'main.ts')
  const { server, parents } = await started('sh', ['-c', `'${process.execPath}' '${main}'; true`])
  expect(parents).toHaveLength(1)
  process.kill(parents[0] ?? 0, 'SIGKILL')
  await expect.poll(() => parents.filter(isAlive), { timeout: within, interval: 25 }).toEqual([])
  await expect.poll(() => parentOf(server.pid)).not.toBe(parents[0])
  expect((await fetch(`${server.url}/ready`)).status).toBe(200)
})

test('S4.4 so does one that a script of another package started, when the shell of that script is gone', async () => {
  const [foreign, own] = [await started(...byForeignScript()), await started(...byOwnScript())]
  const [, setUp = 0, shell = 0] = foreign.parents
  process.kill(shell, 'SIGKILL')
  await expect.poll(() => parentOf(setUp)).not.toBe(shell)
  // One that looks who is there finds it out meanwhile, and ends.
  process.kill(own.parents[2] ?? 0, 'SIGKILL')
  await expect.poll(() => isAlive(own.server.pid), { timeout: within, interval: 25 }).toBe(false)
  expect((await fetch(`${foreign.server.url}/ready`)).status).toBe(200)
})
