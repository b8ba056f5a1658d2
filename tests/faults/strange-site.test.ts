import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openDevice } from '../support/open-device.ts'

/** What a site does with the extension whose address is behind its own `#`, and says as its only text. */
const tries = `
  const extension = location.hash.slice(1)
  const loads = (name, source) =>
    new Promise((resolve) => {
      const element = document.createElement(name)
      element.onload = () => resolve('loaded')
      element.onerror = () => resolve('refused')
      element.src = extension + source
      document.head.append(element)
    })
  const asks = (path) => fetch(extension + path).then(
    async (response) => 'loaded ' + (await response.text()).length,
    () => 'refused',
  )
  Promise.all([
    asks('/popup.html'), asks('/call.html?id=a'), asks('/manifest.json'),
    loads('img', '/icons/app-48.png'), loads('script', '/background.js'),
  ]).then((found) => {
    const runtimes = [globalThis.chrome, globalThis.browser].filter((namespace) => namespace?.runtime)
    document.body.textContent = [...found, runtimes.length].join(', ')
  })`

test('U9.13 H5.1 a site loads no file of the extension, and has nothing to send to it', async () => {
  const site = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end(`<!doctype html><body><script>${tries}</script>`),
  )
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    site.closeAllConnections()
    site.close()
  })
  const device = await openDevice()
  const options = await device.open('options.html')
  const extension = (await options.url()).replace(/\/options\.html.*/, '')
  expect(extension).toMatch(/^(chrome|moz)-extension:\/\/[\w-]+$/)
  await options.close()

  const page = await device.newPage()
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/#${extension}`)
  const found = page.getByText('refused')
  await found.waitFor()
  expect(await found.textContent()).toBe('refused, refused, refused, refused, refused, 0')
})
