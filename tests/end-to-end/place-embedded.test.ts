import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Frame } from 'playwright'
import { expect, onTestFinished, test } from 'vitest'
import { changePlace, findPlace } from '../../server/places/place-rows.ts'
import { asTestServer } from '../server/support/as-test-server.ts'
import { launchPlainChromium } from '../support/chromium/open-plain-chromium.ts'
import { placeWithMember } from '../support/place-with-member.ts'
import { type Server, startServer } from '../support/server/start-server.ts'

/** Another site, whose page shows the place as EMBEDDING.md says. @returns its origin. */
async function siteWith(html: string): Promise<string> {
  const site = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(`<!doctype html><html lang="en"><title>Clinic</title><body>${html}</body></html>`)
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  onTestFinished(() => void site.close())
  return `http://localhost:${(site.address() as AddressInfo).port}`
}

async function allow(server: Server, origins: readonly string[]) {
  const db = await asTestServer(server).db()
  const place = await findPlace(db, 'desk')
  await changePlace(db, place?.id ?? '', { origins: JSON.stringify(origins) })
}

test('PV5.6 a site that was listed shows the place in a frame that keeps itself true, without cookies or storage, and Call opens a tab', async () => {
  const server = await startServer()
  const { device } = await placeWithMember(server)
  const origin = await siteWith(
    `<iframe src="${server.url}/reach/desk/embed" width="340" height="220"></iframe>`,
  )
  await allow(server, [origin])
  const context = await (await launchPlainChromium()).newContext()
  const page = await context.newPage()
  await page.goto(origin)
  const frame = page.frameLocator('iframe')
  await frame.getByText('Front desk can be reached now.').waitFor()
  device.silence()
  device.send({ type: 'goodbye', why: 'exit' })
  const isGreen = () => frame.getByText('Front desk can be reached now.').isVisible()
  await expect.poll(isGreen, { timeout: 10_000 }).toBe(false)
  expect(await context.cookies()).toEqual([])
  const inFrame = page.frames().find((one) => one.url().startsWith(server.url))
  // Where the browser lets a frame of another site keep nothing, there is nothing.
  const kept = () =>
    [() => localStorage.length, () => sessionStorage.length].map((count) => {
      try {
        return count()
      } catch {
        return 0
      }
    })
  expect(await inFrame?.evaluate(kept)).toEqual([0, 0])
  const opened = context.waitForEvent('page')
  await frame.getByRole('link', { name: /Call/ }).click()
  const tab = await opened
  await tab.waitForURL(`${server.url}/reach/desk`)
  await tab.getByText('Nobody at Front desk').or(tab.getByText('is not known')).first().waitFor()
  expect(await tab.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0])
  expect(await context.cookies()).toEqual([])
})

test.each([
  ['Front desk', 'en'],
  ['Zentrale Notaufnahme Kreiskrankenhaus', 'de'],
])(
  'PV5.6 Call is within sight in a frame of the size that is recommended, also while the server is not: %s',
  async (name, locale) => {
    const server = await startServer()
    await placeWithMember(server, name)
    const example = await (await fetch(`${server.url}/reach/desk/embedding`)).text()
    const [, width, height] = /width=&quot;(\d+)&quot; height=&quot;(\d+)/.exec(example) ?? []
    const origin = await siteWith(
      `<iframe src="${server.url}/reach/desk/embed" width="${width}" height="${height}" style="border: 0"></iframe>`,
    )
    expect(Number(height)).toBeGreaterThan(100)
    await allow(server, [origin])
    const page = await (await launchPlainChromium()).newPage({ locale })
    await page.goto(origin)
    const frame = page.frameLocator('iframe')
    const lowest = async () => {
      const [box, link] = [await page.locator('iframe').boundingBox(), await frame.locator('a').boundingBox()]
      return box && link && link.y + link.height - box.y
    }
    await frame.locator('.light[data-state=reachable]').waitFor()
    expect(await lowest()).toBeLessThanOrEqual(Number(height))
    await server.kill()
    await frame.locator('.light[data-state=checking]').waitFor()
    expect(await lowest()).toBeLessThanOrEqual(Number(height))
  },
)

test('PV5.6 no other site shows it', async () => {
  const server = await startServer()
  await placeWithMember(server)
  const origin = await siteWith(
    ['', '/embed', '/embedding']
      .map((path) => `<iframe src="${server.url}/reach/desk${path}"></iframe>`)
      .join(''),
  )
  await allow(server, ['https://clinic.example'])
  const page = await (await launchPlainChromium()).newPage()
  await page.goto(origin)
  const textOf = (frame: Frame) => frame.evaluate(() => document.body?.innerText ?? '').catch(() => '')
  const texts = () => Promise.all(page.frames().slice(1).map(textOf))
  await expect.poll(async () => (await texts()).length).toBe(3)
  expect((await texts()).filter((text) => text.includes('Front desk'))).toEqual([])
})

test('PV5.6 PV1.2 the image is shown by any site, and its green is gone when its time is over', async () => {
  const server = await startServer()
  await placeWithMember(server)
  const state = async () => (await (await fetch(`${server.url}/api/places/desk`)).json()).state
  await expect.poll(state).toBe('reachable')
  const origin = await siteWith(
    `<img src="${server.url}/reach/desk/light.svg" width="240" height="40" alt="">`,
  )
  const page = await (await launchPlainChromium()).newPage()
  await page.goto(origin)
  const image = page.locator('img')
  await expect.poll(() => image.evaluate((one: HTMLImageElement) => one.naturalWidth)).toBe(240)
  const picture = async () => (await image.screenshot()).toString('base64')
  const green = await picture()
  await expect.poll(picture, { timeout: 12_000, interval: 500 }).not.toBe(green)
})
