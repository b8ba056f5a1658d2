import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { trySignIn } from '../support/api-client.ts'

/** Runs the server as its own process and gathers what it says. */
function run(env: Record<string, string>, ...words: string[]) {
  const child: ChildProcess = spawn(process.execPath, [inRoot('server', 'main.ts'), ...words], {
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let out = ''
  const listening = new Promise<{ url: string }>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk
      for (const line of out.split('\n').slice(0, -1))
        if (line.includes('"msg":"listening"')) resolve(JSON.parse(line))
    })
  })
  let complained = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    complained += chunk
  })
  const err = once(child, 'close').then(() => complained)
  return { child, listening, said: () => out, complained: () => complained, err, ended: once(child, 'exit') }
}

test('S3.1 a start that fails says why in words, without a stack, and ends with 1', async () => {
  const { err, ended } = run({ DATA_DIR: temporaryFolder(), RING_FOR: 'long', LOG_LEVEL: 'loud' })
  expect((await ended)[0]).toBe(1)
  expect(await err).toBe(
    [
      'The configuration has to be corrected first:',
      '  - RING_FOR must be a whole number of seconds from 1 to 600.',
      '  - LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent.',
      '',
    ].join('\n'),
  )
})

test('S3.2 where no person is looking the log is JSON lines, and one says where the server listens', async () => {
  const dataDir = temporaryFolder()
  const { listening, said } = run({ DATA_DIR: dataDir })
  expect(await listening).toMatchObject({
    dataDir,
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
  })
  for (const line of said().trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg')
})

test('S3.3 demo accounts are made for an empty database, and have their passwords told at each start until one logs in', async () => {
  const env = { DATA_DIR: temporaryFolder(), DEMO_ACCOUNTS: '1' }
  const first = run(env)
  const { url } = await first.listening
  first.child.kill('SIGTERM')
  await first.ended
  const told = [...(await first.err).matchAll(/username (\w+), password (\S+)/g)]
  expect(told.map(([, name]) => name)).toEqual(['ann', 'ben'])
  expect(first.said()).not.toContain(told[0]?.[2])

  const again = { ...env, PORT: new URL(url).port }
  const second = run(again)
  const passwordsOf = (said: string) => [...said.matchAll(/username (\w+), password (\S+)/g)]
  await expect.poll(() => passwordsOf(second.complained()), { timeout: 10_000 }).toHaveLength(2)
  const anew = passwordsOf(second.complained())[0]?.[2] ?? ''
  const signIn = async (password = '') => (await trySignIn({ url }, { login: 'ann', password })).status
  expect([await signIn(told[0]?.[2]), await signIn(anew)]).toEqual([401, 200])
  second.child.kill('SIGTERM')
  await second.ended

  const third = run(again)
  await third.listening
  expect(await signIn(anew)).toBe(200)
  third.child.kill('SIGTERM')
  await third.ended
  expect(await third.err).toBe('')
})

test('S3.3 a server that is to report its start, and has nobody to report to, tells the passwords all the same', async () => {
  const env = { DATA_DIR: temporaryFolder(), DEMO_ACCOUNTS: '1' }
  const { child, listening, err, ended } = run(env, '--report-start')
  await listening
  child.kill('SIGTERM')
  await ended
  expect([...(await err).matchAll(/username (\w+), password \S+/g)].map(([, name]) => name)).toEqual([
    'ann',
    'ben',
  ])
})
