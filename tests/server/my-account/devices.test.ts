import { expect, test } from 'vitest'
import { closeCodes } from '../../../protocol/close-codes.ts'
import { believedFor, defaultTiming } from '../../../protocol/timing.ts'
import { browserName } from '../../../server/accounts/browser-name.ts'
import { textOf } from '../support/html-pages.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, sessionOf, settle } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'
import { openAccount } from './at-account.ts'

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36'
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'
const edge = `${chrome} Edg/149.0.0.0`

async function annAtHome() {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  const token = await sessionOf(server, ann, 'device-1')
  const other = await sessionOf(server, ann, 'device-2')
  const db = await server.db()
  const label = (device: string, text: string) =>
    db.updateTable('device').set({ label: text, address: '10.1.2.3' }).where('device', '=', device).execute()
  const sessionIdOf = async (device: string) =>
    (await db.selectFrom('device').select('sessionId').where('device', '=', device).executeTakeFirstOrThrow())
      .sessionId
  return { server, token, other, db, label, sessionIdOf, pages: await openAccount(server, token) }
}

test.each([
  [chrome, 'Chrome', 'Windows'],
  [edge, 'Microsoft Edge', 'Windows'],
  [firefox, 'Firefox', 'Linux'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:150.0) Gecko/20100101 Firefox/150.0',
    'Firefox',
    'macOS',
  ],
  [`${chrome} OPR/120.0.0.0`, 'Opera', 'Windows'],
  [
    'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/149.0.0.0 Safari/537.36',
    'Chrome',
    'Chrome OS',
  ],
  ['', undefined, undefined],
])('W9.1 browser and system are told in the words that people know them by: %s', (agent, browser, system) => {
  expect(browserName(agent)).toEqual({ browser, system })
})

test('W9.2 the list has each device of the person with browser, place and time, and marks this one', async () => {
  const { server, pages, label } = await annAtHome()
  await sessionOf(server, ben, 'device-of-ben')
  await label('device-1', firefox)
  await label('device-2', chrome)
  const text = await textOf(await pages.getPage())
  expect(text).toMatch(
    /Firefox on Linux This device Last seen: about [^U]* UTC Logged in from 10\.1\.2\.3 Log out Chrome on Windows/,
  )
  expect(text.match(/Logged in from/g)).toHaveLength(2)
})

test('W9.2 of a browser that was not to stay logged in, and is not there, it is said that it may have been closed', async () => {
  const { server, other, pages, db, label } = await annAtHome()
  await label('device-1', firefox)
  await label('device-2', chrome)
  const said = async () => (await textOf(await pages.getPage())).split('Logged in from').slice(1)
  const closed = 'until that browser is closed, which may have happened since'
  const [mayBeClosed, isThere] = [expect.stringContaining(closed), expect.not.stringContaining(closed)]
  // Neither was to stay; it is Firefox that looks.
  expect(await said()).toEqual([isThere, mayBeClosed])
  const there = await connectDevice(server.url, other, 'device-2')
  await there.lease()
  expect(await said()).toEqual([isThere, isThere])
  there.socket.terminate()
  await expect.poll(said).toContainEqual(mayBeClosed)
  await db.updateTable('device').set({ staySignedIn: 1 }).where('device', '=', 'device-2').execute()
  expect(await said()).toEqual([isThere, isThere])
})

test('W9.9 a device is said to be on exactly while it holds a lease, as calls know it', async () => {
  const { server, token, other, pages, label } = await annAtHome()
  await label('device-1', firefox)
  await label('device-2', chrome)
  const said = async () =>
    [
      ...(await textOf(await pages.getPage())).matchAll(
        /(Firefox|Chrome) on .*?(Last seen|On when this page was loaded)/g,
      ),
    ].map(([, browser, what]) => [browser, what])
  const here = await connectDevice(server.url, token, 'device-1')
  const there = await connectDevice(server.url, other, 'device-2')
  // A connection proves nothing.
  expect(await said()).toEqual([
    ['Firefox', 'Last seen'],
    ['Chrome', 'Last seen'],
  ])
  await there.lease()
  expect(await said()).toEqual([
    ['Firefox', 'Last seen'],
    ['Chrome', 'On when this page was loaded'],
  ])
  await here.lease()
  expect((await said()).map(([, what]) => what)).toEqual(Array(2).fill('On when this page was loaded'))
  const page = await (await pages.getPage()).text()
  expect(page).toMatch(/On when this page was loaded: <time datetime="2[^"]+">[^<]+ UTC</)
  // Its script says "On now", for no longer than that is proven.
  for (const [, proven] of page.matchAll(/data-proven-for="(\d+)"/g)) {
    expect(Number(proven)).toBeGreaterThan(0)
    expect(Number(proven)).toBeLessThanOrEqual(believedFor(defaultTiming))
  }
  // Its lease may go on then, but the device itself believes it no more, and nobody is told "On now".
  server.clock.advance(believedFor(defaultTiming))
  const later = await (await pages.getPage()).text()
  expect([...later.matchAll(/data-proven-for="(\d+)"/g)].map(([, proven]) => proven)).toEqual(['0', '0'])
  there.socket.terminate()
  await expect.poll(said).toContainEqual(['Chrome', 'Last seen'])
  // A device that says nothing more is believed until its lease ends, here as by a call.
  server.clock.advance(defaultTiming.leaseFor)
  expect((await said()).map(([, what]) => what)).toEqual(Array(2).fill('Last seen'))
})

test('W9.1 what a browser says of itself is text and nothing else', async () => {
  const { pages, label } = await annAtHome()
  await label('device-2', '<script>alert(1)</script>\0')
  const text = await (await pages.getPage()).text()
  expect(text).not.toContain('<script>alert')
  expect(text).toContain('A browser that we do not know')
})

test('W9.4 A8.16 a device is logged out from afar, and its badge is off within a second', async () => {
  const { server, token, other, pages, sessionIdOf } = await annAtHome()
  const here = await connectDevice(server.url, token, 'device-1')
  const there = await connectDevice(server.url, other, 'device-2')
  await there.lease()
  const answer = await pages.sendForm('/account/device', { session: await sessionIdOf('device-2') })
  const told = performance.now()
  expect((await there.closed()).code).toBe(closeCodes.endedInMyAccount.code)
  expect(performance.now() - told).toBeLessThan(1_000)
  expect(answer.headers.get('location')).toBe('/account')
  expect(await (await pages.getPage()).text()).toContain('class="done"')
  await here.lease()
})

test('W9.4 logging this device out closes the pages too', async () => {
  const { server, token, pages, sessionIdOf } = await annAtHome()
  const here = await connectDevice(server.url, token, 'device-1')
  const answer = await pages.sendForm('/account/device', { session: await sessionIdOf('device-1') })
  expect(answer.headers.get('location')).toBe('/account/out?language=en')
  expect((await here.closed()).code).toBe(closeCodes.endedInMyAccount.code)
  expect((await pages.getPage()).status).toBe(403)
  expect(await textOf(await pages.getPage('/account/out'))).toContain('You are logged out')
})

test('W9.4 “everywhere else” leaves this device alone', async () => {
  const { server, token, other, pages } = await annAtHome()
  const here = await connectDevice(server.url, token, 'device-1')
  const there = await connectDevice(server.url, other, 'device-2')
  await pages.sendForm('/account/devices')
  expect((await there.closed()).code).toBe(closeCodes.endedInMyAccount.code)
  await here.lease()
  expect(await textOf(await pages.getPage())).not.toContain('Log out everywhere else')
  expect((await pages.sendForm('/account/devices')).headers.get('location')).toBe('/account')
})

test('W9.4 nobody logs out the device of another person', async () => {
  const { server, pages, sessionIdOf } = await annAtHome()
  const connection = await connectDevice(
    server.url,
    await sessionOf(server, ben, 'device-of-ben'),
    'device-of-ben',
  )
  for (const session of [await sessionIdOf('device-of-ben'), '', "' or 1=1 --", '\0'])
    expect((await pages.sendForm('/account/device', { session })).status).toBe(303)
  await connection.lease()
})

test('W7.2 logging out the same device twice, or in two tabs, is no error and recorded once', async () => {
  const { db, pages, sessionIdOf } = await annAtHome()
  const session = await sessionIdOf('device-2')
  const answers = await Promise.all([1, 2].map(() => pages.sendForm('/account/device', { session })))
  expect(answers.map(({ status }) => status)).toEqual([303, 303])
  const rows = await db.selectFrom('audit').select('detail').where('what', '=', 'session-ended').execute()
  expect(rows.map(({ detail }) => JSON.parse(detail))).toEqual([{ by: 'self', ended: 'device-2' }])
})
