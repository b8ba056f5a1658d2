import type { BrowserContextOptions } from 'playwright'
import { expect, test } from 'vitest'
import { launchPlainChromium } from '../../support/chromium/open-plain-chromium.ts'
import { violations } from '../support/accessible-page.ts'
import { callerOf } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'

/** Places a call and has it answered, where people meet elsewhere. @returns the address of the page of it here. */
async function answeredCall(from: string) {
  const server = await startInProcessServer({ env: { ROOM_URL: 'https://meet.example/{room}' } })
  await settle(server, { ...ann, name: 'Ann <b>Able</b>' })
  const device = await reachableDevice(server, ann)
  const placing = callerOf(server).place('ann', from)
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await placing
  const db = await server.db()
  const { room: token } = await db.selectFrom('call').select('room').executeTakeFirstOrThrow()
  const early = await fetch(`${server.url}/rooms/${token}`)
  device.send({ type: 'answer', call: call.id })
  await device.next('over')
  return { server, early, room: `${server.url}/rooms/${token}` }
}

test('C7.1 the page of a call is named for both people, opens by its room’s token alone, and only once the call is answered', async () => {
  const { server, early, room } = await answeredCall('Dr "Bell" & Co')
  expect(early.status).toBe(404)
  const response = await fetch(room)
  const page = await response.text()
  expect(response.status).toBe(200)
  expect(page).toContain('Dr &quot;Bell&quot; &amp; Co')
  expect(page).toContain('Ann &lt;b&gt;Able&lt;/b&gt;')
  expect((await fetch(`${server.url}/rooms/${'A'.repeat(22)}`)).status).toBe(404)
})

test('C7.3 the page of a call tells the time where the person is, in their language, and names no setting', async () => {
  const { room } = await answeredCall('Dr Bell')
  const browser = await launchPlainChromium()
  const shown = async (options: BrowserContextOptions) => {
    const page = await (await browser.newContext(options)).newPage()
    await page.goto(room)
    return page.locator('main').innerText()
  }
  const plain = await shown({ javaScriptEnabled: false })
  const told = /\d{4}-\d\d-\d\d \d\d:\d\d UTC/.exec(plain)?.[0] ?? ''
  const at = new Date(told)
  for (const [locale, timezoneId] of [
    ['en-US', 'Pacific/Auckland'],
    ['de-DE', 'America/New_York'],
  ] as const) {
    const text = await shown({ locale, timezoneId })
    const local = new Intl.DateTimeFormat(locale, {
      dateStyle: 'medium',
      timeStyle: 'short',
      timeZone: timezoneId,
    })
    expect(text).toContain(local.format(at))
    expect(text).not.toContain('UTC')
  }
  expect(plain).not.toContain('ROOM_URL')
})

test('S5.5 W1.4 the page of a call runs our one script and nothing else, is framed and kept by nobody, and tells nobody its address', async () => {
  const { room } = await answeredCall('Dr Bell')
  const { status, headers } = await fetch(room)
  const policy = headers.get('content-security-policy')?.split('; ') ?? []
  expect(status).toBe(200)
  expect(policy).toEqual(
    expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]),
  )
  expect(policy.join(' ')).not.toContain('unsafe')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('x-frame-options')).toBe('DENY')
})

test('W5.1 C7.2 the pages without a form have nothing that axe objects to, in light and in dark, and ask for nothing that is forbidden', async () => {
  const { server, room } = await answeredCall('Dr Bell')
  const browser = await launchPlainChromium()
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ colorScheme, viewport: { width: 360, height: 640 } })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    for (const address of [server.url, room]) {
      await page.goto(address)
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      expect((await violations(page)).map((id) => `${address} ${id}`)).toEqual([])
    }
    expect(complaints).toEqual([])
    await page.goto(`${server.url}/nowhere`)
    expect(await violations(page)).toEqual([])
  }
})

test('W2.10 the pages without a form speak the language that the browser asks for, too', async () => {
  const { server, room } = await answeredCall('Dr Bell')
  const pages = [server.url, room, `${server.url}/nowhere`]
  const titles = { de: /Dieser|Anruf|Hier ist/, es: /Este|Llamada|Aquí/, fr: /Ce serveur|Appel|Il n’y a/ }
  for (const [language, title] of Object.entries(titles))
    for (const url of pages) {
      const page = await (
        await fetch(url, { headers: { accept: 'text/html', 'accept-language': language } })
      ).text()
      expect(page).toContain(`<html lang="${language}">`)
      expect(/<h1>([^<]*)/.exec(page)?.[1]).toMatch(title)
    }
})
