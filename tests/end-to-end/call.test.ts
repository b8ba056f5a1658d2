import { expect, test } from 'vitest'
import { callee, signedInCallee } from '../support/called-person.ts'
import { openDevice } from '../support/open-device.ts'
import { signIn } from '../support/sign-in.ts'

test('E3.1 U5.11 U5.12 a call opens a window that says who calls and for how long, its title how many more, and the light rings', async () => {
  const { clinic, person, device } = await signedInCallee()

  const call = await clinic.call(person.username)

  expect(call).toMatchObject({ disposition: 'ringing', state: 'ringing', devices: 1 })
  const shown = await device.callWindow()
  await expect.poll(() => shown.caller.textContent()).toBe('Dr Bell')
  await shown.answer.waitFor()
  await expect.poll(() => device.toolbar.light()).toBe('ringing')
  await expect.poll(() => shown.title()).toBe('Dr Bell is calling – Reachable')
  const seconds = async () => {
    const [, minutes = 0, rest] =
      /^Ringing for (?:(\d+) min )?(\d+) s$/.exec((await shown.time.textContent()) ?? '') ?? []
    return Number(minutes) * 60 + Number(rest)
  }
  const first = await seconds()
  await expect.poll(seconds).toBeGreaterThan(first)

  await clinic.call(person.username)

  await expect.poll(() => device.callWindowCount()).toBe(2)
  await expect.poll(() => shown.title()).toBe('Dr Bell and 1 more are calling')
})

interface PlacedWindow {
  readonly type: string
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly tabs: readonly { readonly active: boolean; readonly height: number }[]
}

declare const chrome: {
  readonly windows: { getAll: (of: { populate: boolean }) => Promise<readonly PlacedWindow[]> }
}

test('U5.14 U5.15 the window opens in the corner of the browser’s below its toolbar, and is as high as what it shows', async () => {
  const { server, clinic, person } = await callee()
  const device = await openDevice({ pagesFillWindows: true })
  await signIn(device, server, person)
  const watcher = await device.open('icons/app-16.png')
  await clinic.call(person.username)
  const shown = await device.callWindow()
  await shown.answer.waitFor()

  const missing = () =>
    shown.page.evaluate(
      () => Math.ceil(document.querySelector('main')?.getBoundingClientRect().height ?? 0) - innerHeight,
    )
  await expect.poll(missing).toBe(0)
  const scrollbar = () => shown.page.evaluate(() => innerWidth - document.documentElement.clientWidth)
  await expect.poll(scrollbar).toBe(0)
  const all = await watcher.evaluate(() => chrome.windows.getAll({ populate: true }))
  const [browser, call] = ['normal', 'popup'].map((type) => all.find((window) => window.type === type))
  if (!browser || !call) throw new Error(`One of two windows is missing: ${JSON.stringify(all)}`)
  const page = browser.tabs.find(({ active }) => active)?.height ?? 0
  expect(call.top).toBeGreaterThanOrEqual(browser.top + browser.height - page)
  expect(call.left).toBeGreaterThan(browser.left + browser.width / 2)
  expect(call.left + call.width).toBeLessThanOrEqual(browser.left + browser.width)
  expect(call.top + call.height).toBeLessThanOrEqual(browser.top + browser.height)
})

test('E3.1 C8.20 Answer opens the room of the call in place of its window, and the caller learns where it is', async () => {
  const { server, clinic, person, device } = await signedInCallee()
  const { id } = await clinic.call(person.email)
  const room = device.nextPageAt(server.url)

  await (await device.callWindow()).answer.click()

  const page = await room
  await page.getByText('Dr Bell').first().waitFor()
  const call = await clinic.get(id)
  expect(call).toMatchObject({ state: 'answered' })
  expect(new URL(await page.url()).pathname).toBe(new URL(call.room ?? '').pathname)
  await expect.poll(() => device.callWindowCount()).toBe(0)
  expect(await page.evaluate(() => document.visibilityState)).toBe('visible')
  await expect.poll(() => device.toolbar.light()).toBe('green')
})
