import { spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { runCommand, runCommandOrThrow } from '../../support/server/run-command.ts'
import { startServer } from '../../support/server/start-server.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { startInProcessServer } from '../support/in-process-server.ts'

/** Somebody else on this machine: `nobody`, as whom root alone can do something. */
const stranger = 65_534
const isRoot = process.getuid?.() === 0

/** A data directory below folders that everybody may look into. */
function openFolder(): string {
  const parent = temporaryFolder()
  chmodSync(parent, 0o755)
  const dataDir = join(parent, 'data')
  mkdirSync(dataDir, { mode: 0o755 })
  return dataDir
}

/** What others than its owner may do with each file of a directory that may be done by somebody. */
const openToOthers = (dataDir: string) =>
  ['.', ...readdirSync(dataDir)]
    .map((name) => [name, (statSync(join(dataDir, name)).mode & 0o077).toString(8)])
    .filter(([, mode]) => mode !== '0')

/** Everything as an umask of 022 leaves it. */
function openAll(dataDir: string): void {
  chmodSync(dataDir, 0o755)
  for (const name of readdirSync(dataDir)) chmodSync(join(dataDir, name), 0o644)
}

/** Holds the lock of a data directory as another user, for as long as the program lives. */
async function holdAsStranger(dataDir: string): Promise<string> {
  const program = `
    const { DatabaseSync } = require('node:sqlite')
    const lock = new DatabaseSync(${JSON.stringify(join(dataDir, 'running'))}, { readOnly: true })
    lock.exec('begin; select count(*) from sqlite_master')
    console.log('held')`
  const child = spawn(process.execPath, ['-e', program], { uid: stranger, gid: stranger, cwd: '/' })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return out || err
}

test('S2.6 a data directory that others could read is for its owner alone once a server runs', async () => {
  const dataDir = openFolder()
  const first = await startServer({ DATA_DIR: dataDir })
  await first.kill()
  openAll(dataDir)
  expect(openToOthers(dataDir).length).toBeGreaterThan(5)

  await startServer({ DATA_DIR: dataDir })
  expect(readdirSync(dataDir)).toEqual(
    expect.arrayContaining([
      'operator.json',
      'reachable.db',
      'reachable.db-shm',
      'reachable.db-wal',
      'running',
    ]),
  )
  expect(openToOthers(dataDir)).toEqual([])
})

test('S2.6 a command makes it its owner’s alone, too', async () => {
  const dataDir = openFolder()
  await runCommandOrThrow(dataDir, 'account', 'invite', 'ann@clinic.example')
  expect(openToOthers(dataDir)).toEqual([])
  openAll(dataDir)
  await runCommandOrThrow(dataDir, 'account', 'list')
  expect(openToOthers(dataDir)).toEqual([])
})

test('S2.6 S2.5 nobody else on the machine can hold the lock', async () => {
  const dataDir = openFolder()
  const server = await startServer({ DATA_DIR: dataDir })
  await server.stop()
  openAll(dataDir)
  // As an older version left it.
  if (isRoot) expect(await holdAsStranger(dataDir)).toBe('held\n')
  await server.restart()
  await server.stop()
  expect(openToOthers(dataDir)).toEqual([])
  if (isRoot) expect(await holdAsStranger(dataDir)).toContain('unable to open database file')
  await server.restart()
})

test('S2.1 a data directory that belongs to another user is said to, and left as it is', async () => {
  const foreign = isRoot ? openFolder() : '/usr'
  if (isRoot) chownSync(foreign, stranger, stranger)
  const before = statSync(foreign)
  const sentence = `The data directory ${foreign} belongs to another user (uid ${before.uid}).`
  await expect(startInProcessServer({ dataDir: foreign })).rejects.toThrow(sentence)
  const { code, err } = await runCommand(foreign, 'account', 'list')
  expect([code, err]).toEqual([2, expect.stringContaining(sentence)])
  expect(statSync(foreign).mode).toBe(before.mode)
  expect(existsSync(join(foreign, 'reachable.db'))).toBe(false)
})

test('S2.1 a file of the data directory that belongs to another user is said to', async () => {
  const dataDir = openFolder()
  const lock = join(dataDir, 'running')
  // A link to a file of root's is what anybody can have of another user's.
  if (isRoot) {
    writeFileSync(lock, '')
    chownSync(lock, stranger, stranger)
  } else symlinkSync('/etc/passwd', lock)
  await expect(startInProcessServer({ dataDir })).rejects.toThrow(
    `The file ${lock} belongs to another user (uid ${isRoot ? stranger : 0}).`,
  )
})

test('S2.1 a directory that everybody shares is left as it is, and refused', async () => {
  const shared = temporaryFolder()
  chmodSync(shared, 0o1777)
  await expect(startInProcessServer({ dataDir: shared })).rejects.toThrow(
    `The data directory ${shared} is shared by all users of this machine`,
  )
  expect(statSync(shared).mode & 0o7777).toBe(0o1777)
})
