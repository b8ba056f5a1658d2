import { globSync, readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { insertIssuerLink } from '../../../server/accounts/credential-rows.ts'
import { invite } from '../../../server/accounts/invite.ts'
import { readOperatorFile } from '../../../server/operator-file.ts'
import { launchPlainChromium } from '../../support/chromium/open-plain-chromium.ts'
import { accountLink, openAccount } from '../my-account/at-account.ts'
import { callerOf } from '../support/api-client.ts'
import { getPage, sendForm } from '../support/html-pages.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { linkIn, mailsTo } from '../support/mailbox.ts'
import { addPeople, ann, sessionOf } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'

const pages = [
  ...['/', '/nowhere', '/password/forgot', '/password/forgot/sent', '/password/reset/x', '/password/changed'],
  ...['/sign-up', '/sign-up/sent', '/sign-up/x', '/invitation/x', '/joined'],
  ...['/account/left', '/account/out', '/account/deleted'],
  ...['/auth/issuer/start', '/auth/issuer/callback', '/rooms/x'],
]

test('W13.4 every page has the mark, a title of its own, and a way back that leads somewhere, in every language', async () => {
  const { url } = await startInProcessServer({ env: { SIGN_UP: 'on' } })
  for (const language of ['en', 'de', 'fr', 'es'])
    for (const path of pages) {
      const headers = { accept: 'text/html', 'accept-language': language }
      const text = await (await fetch(url + path, { headers })).text()
      const where = `${language} ${path}`
      expect(text, where).toContain(
        '<p class="mark"><img src="/icon.svg" width="22" height="22" alt="" />Reachable</p>',
      )
      expect(/<title>(.+) – Reachable<\/title>/.exec(text)?.[1], where).toBe(/<h1>(.+)<\/h1>/.exec(text)?.[1])
      const back = /<p class="back"><a href="([^"]+)">[^<]+<\/a><\/p>/.exec(text)?.[1]
      if (path === '/') expect(back, where).toBeUndefined()
      else expect((await fetch(url + (back ?? '/nowhere'))).status, where).toBe(200)
    }
})

/** The addresses of the pages, as the sources of their routes have them. */
function pagesOfRoutes(): RegExp[] {
  const sources = globSync('server/{pages,my-account,openid}/*.ts', { cwd: inRoot() })
  const routes = sources.flatMap((file) => [
    ...readFileSync(inRoot(file), 'utf8').matchAll(
      /(?:doneRoute\(|signedIn\.page\(|method: 'GET',\s+path: )'([^'.]+)'/g,
    ),
  ])
  return routes.map(([, path = '']) => new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`))
}

/** A server with each kind of page that needs something to be there: a link, a call, somebody who is signed in. */
async function everythingThere() {
  // A room of the server's own is a program, and no such page.
  const env = { SIGN_UP: 'on', ROOM_URL: 'https://meet.example/rooms/{room}' }
  const server = await startInProcessServer({ env })
  const [userId = ''] = await addPeople(server.dataDir, ann)
  const db = await server.db()
  await insertIssuerLink(db, { userId, issuer: 'https://accounts.google.com', sub: 'ann-1' }, 1)
  await invite(db, { email: 'zoe@clinic.example', name: 'Zoë', language: 'en' }, server.clock.wall())
  await sendForm(server, '/password/forgot', { login: 'ann' })
  await sendForm(server, '/sign-up', { email: 'new@clinic.example' })
  const device = await reachableDevice(server, ann)
  const placing = callerOf(server).place('ann', 'Dr Bell')
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await placing
  device.send({ type: 'answer', call: call.id })
  const { room } = await device.next('over')
  return {
    server,
    room: new URL(room ?? '').pathname,
    links: await Promise.all(
      [ann.email, 'zoe@clinic.example', 'new@clinic.example'].map(async (to) =>
        linkIn(await mailsTo(server, to)),
      ),
    ),
    account: await openAccount(server, await sessionOf(server, ann, 'device-2'), 'device-2'),
  }
}

test('W13.4 so has every page behind a link, a room, My account, and every form with a fault', async () => {
  const { server, room, links, account } = await everythingThere()
  const { pathname, search } = await accountLink(server, await sessionOf(server, ann, 'device-3'), 'device-3')
  const ledByAnother = { cookie: '', 'sec-fetch-site': 'cross-site' }
  const asked: readonly (readonly [string, number, () => Promise<Response>])[] = [
    ...[room, ...links].map((path) => [path, 200, () => getPage(server, path)] as const),
    ['/account/redeem', 200, () => getPage(server, pathname + search, ledByAnother)],
    ...['', '/password', '/unlink', '/delete', '/delete/sure'].map(
      (path) => [`/account${path}`, 200, () => account.getPage(`/account${path}`)] as const,
    ),
    ...['/password/forgot', '/sign-up', ...links].map(
      (path) => [`${path} with faults`, 422, () => sendForm(server, path, {})] as const,
    ),
    ...['/name', '/password', '/unlink', '/delete/sure'].map(
      (path) => [`/account${path} with faults`, 422, () => account.sendForm(`/account${path}`)] as const,
    ),
    ['/account closed', 403, () => getPage(server, '/account')],
  ]
  const tried = [...pages, ...asked.map(([where]) => where)]
  expect(pagesOfRoutes().filter((page) => !tried.some((where) => page.test(where)))).toEqual([])
  for (const [where, status, ask] of asked) {
    const response = await ask()
    const text = await response.text()
    expect([where, response.status]).toEqual([where, status])
    expect(text, where).toContain('<p class="mark"><img src="/icon.svg"')
    const heading = /<h1>(.+)<\/h1>/.exec(text)?.[1]
    const tab = /<title>(.+) – Reachable<\/title>/.exec(text)?.[1]
    expect(tab, where).toBe(
      where === room ? 'Dr Bell and Ann Able' : status === 422 ? `Error: ${heading}` : heading,
    )
    const back = /<p class="back"><a href="([^"]+)">[^<]+<\/a><\/p>/.exec(text)?.[1] ?? '/nowhere'
    expect((await account.getPage(back)).status, where).toBe(200)
  }
})

test('W13.3 the icon of a page is the mark of the app, and nothing green', async () => {
  const { url } = await startInProcessServer()
  const icon = await (await fetch(`${url}/icon.svg`)).text()
  const colours = [...icon.matchAll(/#[0-9a-f]{3,6}\b/g)].map(([colour]) => colour)
  expect([...new Set(colours)]).toEqual(['#0c5f66', '#fff'])
})

const address = 'https://reachable.clinic.example'

test('W13.2 the page of a server tells its public address, whole, and a press copies it and says so', async () => {
  const { dataDir } = await startInProcessServer({ env: { PUBLIC_URL: address, TRUST_PROXY: 'on' } })
  const local = readOperatorFile(join(dataDir, 'operator.json'))?.url ?? ''
  const browser = await launchPlainChromium()
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
  const page = await context.newPage()
  await page.goto(local)
  expect(await page.locator('#address').innerText()).toBe(address)
  await page.getByRole('button', { name: 'Copy' }).click()
  await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(address)
})

test('W13.2 where a page may not copy, a press selects the address and says how to copy it', async () => {
  const { url } = await startInProcessServer()
  const page = await (await launchPlainChromium()).newPage()
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'clipboard', { value: undefined })
    document.execCommand = () => false
  })
  await page.goto(url)
  await page.getByRole('button', { name: 'Copy' }).click()
  await page.getByRole('status').filter({ hasText: 'Ctrl+C' }).waitFor()
  expect(await page.evaluate(() => String(getSelection()))).toBe(url)
})

test('W13.2 without a script the address is there and no button, and a click takes all of it', async () => {
  const { url } = await startInProcessServer()
  const context = await (await launchPlainChromium()).newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(url)
  expect(await page.getByRole('button').count()).toBe(0)
  const look = await page.locator('#address').evaluate((element) => getComputedStyle(element).userSelect)
  expect(look).toBe('all')
})

test('W13.2 an address that Reachable would not take, or that leads a reader to their own machine, is not told', async () => {
  const shown = async (
    env: Record<string, string>,
    from: { host?: string; headers?: Record<string, string> } = {},
  ) => {
    const { dataDir } = await startInProcessServer({ env })
    const local = readOperatorFile(join(dataDir, 'operator.json'))?.url ?? ''
    const { port } = new URL(local)
    const page = await (
      await fetch(from.host ? `http://${from.host}:${port}` : local, { headers: from.headers ?? {} })
    ).text()
    const told = /<code id="address">([^<]*)</.exec(page)?.[1]
    expect(page.includes('Whoever runs this server gives it to you')).toBe(told === undefined)
    expect(page.includes('data-copies')).toBe(told !== undefined)
    return told
  }
  const everywhere = { HOST: '0.0.0.0' }
  expect(await shown(everywhere)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(await shown({}, { headers: { 'x-forwarded-for': '203.0.113.9' } })).toBeUndefined()
  const [lan] = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
  // A machine that is on no network has no such reader.
  if (lan) {
    expect(await shown(everywhere, { host: lan.address })).toBeUndefined()
    expect(
      await shown({ ...everywhere, PUBLIC_URL: address, TRUST_PROXY: 'on' }, { host: lan.address }),
    ).toBe(address)
  }
  expect(await shown({ PUBLIC_URL: 'http://reachable.clinic.example' })).toBeUndefined()
  expect(await shown({ PUBLIC_URL: 'http://localhost:8787' })).toBe('http://localhost:8787')
})
