import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { startInProcessServer } from '../support/in-process-server.ts'

test('S2.1 a port in use is said with the port and what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const dataDir = temporaryFolder()
  await expect(startInProcessServer({ dataDir, env: { PORT: String(port) } })).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is in use by another program. Stop that program, or choose another port: PORT=${port + 1}.`,
  )
  // Nothing was left open: the same data can be served right away.
  await startInProcessServer({ dataDir })
})

test('S2.1 a host that is not this machine is said so', async () => {
  await expect(startInProcessServer({ env: { HOST: '192.0.2.1' } })).rejects.toThrow(
    /192\.0\.2\.1 is no address of this machine/,
  )
})

test('S2.1 a data directory that cannot be written to is said with its path', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  await expect(startInProcessServer({ dataDir: join(file, 'data') })).rejects.toThrow(
    `The data directory ${join(file, 'data')} cannot be written to`,
  )
})

test('S2.4 a damaged database is left as it is, and said with its path', async () => {
  const sound = await startInProcessServer()
  await sound.close()
  const path = join(sound.dataDir, 'reachable.db')
  const bytes = readFileSync(path)
  const torn = Buffer.from(bytes)
  torn.fill(0xa5, 4_096 * 3, 4_096 * 6)
  for (const damage of [
    Buffer.from('this is no database, but long enough to be looked at'.repeat(20)),
    torn,
  ]) {
    writeFileSync(path, damage)
    await expect(startInProcessServer({ dataDir: sound.dataDir })).rejects.toThrow(
      /reachable\.db is damaged \(.+\)\. It was left as it is\./,
    )
    expect(readFileSync(path).equals(damage)).toBe(true)
  }
  writeFileSync(path, bytes)
  await startInProcessServer({ dataDir: sound.dataDir })
})

test('S2.5 two servers never share a data directory', async () => {
  const first = await startInProcessServer()
  await expect(startInProcessServer({ dataDir: first.dataDir })).rejects.toThrow(
    'Another Reachable server is already running',
  )
  await first.close()
  await startInProcessServer({ dataDir: first.dataDir })
})

test('S2.6 the secret is made once, and only its owner may read what is in the data directory', async () => {
  const first = await startInProcessServer()
  const secret = readFileSync(join(first.dataDir, 'secret'), 'utf8')
  for (const name of readdirSync(first.dataDir))
    expect([name, statSync(join(first.dataDir, name)).mode & 0o077]).toEqual([name, 0])
  await first.close()
  expect(existsSync(join(first.dataDir, 'operator.json'))).toBe(false)
  await startInProcessServer({ dataDir: first.dataDir })
  expect(readFileSync(join(first.dataDir, 'secret'), 'utf8')).toBe(secret)

  const broken = temporaryFolder()
  writeFileSync(join(broken, 'secret'), 'short')
  await expect(startInProcessServer({ dataDir: broken })).rejects.toThrow(
    /secret should hold a secret of at least 32/,
  )
})
