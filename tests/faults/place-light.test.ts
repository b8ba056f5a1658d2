import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { greenPlace } from '../support/green-place.ts'
import { openDevice } from '../support/open-device.ts'
import { openTabs } from '../support/open-tabs.ts'
import { processesOf, signal } from '../support/processes-of.ts'

const second = 1_000
const clean = 10 * second
const silent = 15 * second

const gone = async (isGreen: () => Promise<boolean>, within: number, began = performance.now()) => {
  const left = Math.max(0, within - (performance.now() - began))
  await expect.poll(isGreen, { timeout: left, interval: 50 }).toBe(false)
}

test('PV1.2 PV2.2 a member who leaves with a word leaves the page green for no more than 10 s, and it says so', async () => {
  const { member, place } = await greenPlace(openDevice)
  member.device.silence()
  member.device.send({ type: 'goodbye', why: 'exit' })
  await gone(place.isGreen, clean)
  // A server that has just started says for half a minute that it does not know who is gone.
  await place.sentence.filter({ hasText: 'can be reached at this moment' }).waitFor({ timeout: 45 * second })
})

test('PV1.2 a member whose device falls silent leaves it green for no more than 15 s after its last heartbeat', async () => {
  const { member, place } = await greenPlace(openDevice)
  const answeredAt = member.device.silence()
  await gone(place.isGreen, silent, answeredAt)
})

test('PV1.2 PV2.2 a killed server leaves it green for no more than 10 s, and a restarted one is asked again by itself', async () => {
  const { server, place } = await greenPlace(openDevice)
  await server.kill()
  await gone(place.isGreen, clean)
  await place.sentence.filter({ hasText: 'There is no connection to the server' }).waitFor()
  await server.restart()
  await place.sentence.filter({ hasNotText: 'There is no connection to the server' }).waitFor()
})

test('PV1.2 a server that hangs leaves it green for no more than 15 s, and green again once it goes on', async () => {
  const { server, place } = await greenPlace(openDevice)
  server.freeze()
  await gone(place.isGreen, silent)
  server.thaw()
  await expect.poll(place.isGreen, { timeout: 30 * second }).toBe(true)
})

test('PV1.2 packets that are lost without a word leave it green for no more than 15 s, and it is green again when they go through', async () => {
  const { network, place } = await greenPlace(openDevice)
  network.stall()
  await gone(place.isGreen, silent)
  network.restore()
  await expect.poll(place.isGreen, { timeout: 30 * second }).toBe(true)
})

test('PV2.1 where the script dies, the style sheet takes green back by itself', async () => {
  const { network, place } = await greenPlace(openDevice)
  network.stall()
  // Nothing of the page runs any more, but what its style sheet does.
  await place.page.evaluate(() => {
    for (let id = window.setInterval(() => {}, 1_000); id > 0; id -= 1) window.clearInterval(id)
    for (const name of ['visibilitychange', 'pageshow', 'pagehide'])
      addEventListener(name, (event) => event.stopImmediatePropagation(), { capture: true })
  })
  await gone(place.isGreen, silent)
  network.restore()
})

test('PV2.3 a computer that wakes is not green for longer than 1 s, unless it is proven anew', async () => {
  const { network, place, browser } = await greenPlace(openDevice)
  const asleep = processesOf(browser.profile)
  const began = performance.now()
  signal(asleep, 'SIGSTOP')
  network.stall()
  await vi.waitUntil(() => performance.now() - began > 12 * second, { timeout: 30 * second, interval: 100 })
  signal(asleep, 'SIGCONT')
  await gone(place.isGreen, 1 * second)
  network.restore()
  await expect.poll(place.isGreen, { timeout: 30 * second }).toBe(true)
})

test('PV5.6 PV1.2 the image of a tab that is opened behind others is grey as that is seen, by the lines to copy', async () => {
  const { server, browser, place } = await greenPlace(openTabs)
  const guide = await (await fetch(`${server.url}/reach/desk/embedding`)).text()
  const copied = [...guide.matchAll(/<code>(.+?)<\/code>/gs)].map(([, code = '']) =>
    code.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"'),
  )
  const lines = copied.find((code) => code.includes('<img')) ?? ''
  const site = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(`<!doctype html><title>Clinic</title>${lines}`)
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  onTestFinished(() => void site.close())
  const show = await browser.hide(place.page)
  await place.page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}`)
  const loaded = performance.now()
  const image = place.page.locator('img')
  expect(await image.evaluate((one) => (one as HTMLImageElement).naturalWidth)).toBe(240)
  await vi.waitUntil(() => performance.now() - loaded > clean, { timeout: 30 * second, interval: 100 })
  await show()
  expect(await image.evaluate((one) => getComputedStyle(one).filter)).toBe('grayscale(1)')
})
