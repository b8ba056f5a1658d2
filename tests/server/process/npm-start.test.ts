import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { npmStart } from '../../support/server/npm-start.ts'
import { trySignIn } from '../support/api-client.ts'

/** Both of the test and of what it waits for: no rule says how soon. */
const patient = { timeout: 60_000 }

/** The address that every build knows, and that the one before these tests is made for. */
const usual = { PUBLIC_URL: 'http://127.0.0.1:8787' }

const nowhere = { PATH: '/nowhere', DISPLAY: ':0' }

test('S7.3 a browser, screen or option that there is not is said in a sentence, and nothing is set up', async () => {
  const misuses: readonly (readonly [string[], Record<string, string>, string])[] = [
    [['--open', 'netscape'], {}, '--open knows no browser "netscape": it takes'],
    [['--open=chrome'], {}, '--open knows no browser "chrome"'],
    [['--open', 'firefox'], nowhere, 'Firefox was not found on this machine'],
    [['--open'], nowhere, 'Neither Chromium nor Firefox was found on this machine'],
    [['--open'], { DISPLAY: '', WAYLAND_DISPLAY: '' }, 'there is no screen here'],
    [['--opne'], {}, 'There is no option --opne: npm start -- --help tells which there are'],
    [['firefox'], {}, 'npm start does not know what to do with "firefox".'],
  ]
  const starts = misuses.map(([words, env]) => npmStart(words, { env }))
  for (const [index, start] of starts.entries()) {
    const [, , sentence = ''] = misuses[index] ?? []
    expect([sentence, await start.ended]).toEqual([sentence, 2])
    const [first = ''] = start.said().split('\n')
    expect(first).toContain(sentence)
    expect(first).toMatch(/^[^.]+(\.[^.\s][^.]*)*\.$/)
    expect(readdirSync(start.dataDir)).toEqual([])
  }
})

test('S2.1 S7.5 a port in use is said, and nothing more', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const start = npmStart([], { env: { ...usual, PORT: String(port) } })
  expect(await start.ended).toBe(1)
  expect(start.said()).toContain(
    `Port ${port} of 127.0.0.1 is in use by another program. Stop that program, or choose another port: PORT=${port + 1}.\n`,
  )
  expect(start.said()).not.toContain('ended by itself')
})

test(
  'S7.1 S7.5 where no person is looking it tells all in plain lines, and reports a server that dies',
  patient,
  async () => {
    const start = npmStart([], { env: usual })
    await expect.poll(start.said, patient).toContain('Be called')
    const said = start.said()
    const [, password = ''] = /^ +ann +password (\S+)/m.exec(said) ?? []
    expect(said.indexOf('Log in')).toBeLessThan(said.indexOf(password))
    expect(said.indexOf(password)).toBeLessThan(said.indexOf('Be called'))
    expect(said).toContain(`are written to ${join(start.dataDir, 'outbox')}\n`)
    expect(said).toContain('Firefox keeps it until it is closed')
    expect(said).toMatch(/^\[\d\d:\d\d:\d\d\] INFO: listening \{"url":"http:/m)
    expect(said).not.toContain('\u001b')
    const { url = '', pid = 0 } = start.server() ?? {}
    expect((await trySignIn({ url }, { login: 'ann', password })).status).toBe(200)
    process.kill(pid, 'SIGKILL')
    expect(await start.ended).toBe(1)
    const report = start.said().slice(said.length)
    expect(report).toContain('The Reachable server has ended by itself (signal SIGKILL).')
    expect(report).toMatch(/The last that it said:\n( {2}.*\n)* {2}\[\d\d:\d\d:\d\d\] INFO: listening/)
    expect(report).toContain('Start it again: npm start')
    expect(existsSync(join(start.dataDir, 'reachable.db'))).toBe(true)
  },
)
