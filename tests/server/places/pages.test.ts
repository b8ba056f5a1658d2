import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { changePlace } from '../../../server/places/place-rows.ts'
import { getPage, textOf } from '../support/html-pages.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'
import { addPlace, visitorAt } from './place-on-server.ts'

async function place(name = 'Front desk') {
  const server = await startInProcessServer({ env: { TRUST_PROXY: 'on' } })
  const members = await settle(server, ann, ben)
  const id = await addPlace(server, { members, name })
  return { server, id }
}

const policyOf = (response: Response): Map<string, string> =>
  new Map(
    (response.headers.get('content-security-policy') ?? '').split('; ').map((directive) => {
      const [name = '', ...values] = directive.split(' ')
      return [name, values.join(' ')]
    }),
  )

test('PV2.1 the page says what is so, when that was found, and how many seconds it holds, in each language', async () => {
  const { server } = await place()
  await reachableDevice(server, ann)
  await expect.poll(async () => (await visitorAt(server).look()).state).toBe('reachable')
  const page = await getPage(server, '/reach/desk')
  const html = await page.text()
  expect(html).toContain('Front desk can be reached now.')
  expect(html).toMatch(/Confirmed <time datetime="\d{4}-\d\d-\d\dT[\d:.]+Z">\d\d:\d\d:\d\d UTC<\/time>/)
  const left = Number(/data-left="(\d+)"/.exec(html)?.[1])
  expect(left).toBeGreaterThanOrEqual(6)
  expect(left).toBeLessThanOrEqual(8)
  // What stands there once it is over, by the style sheet.
  expect(html).toContain('When this page was loaded, Front desk could be reached.')
  // All that is over then stands in what is taken back: who waits, too.
  expect(html).toMatch(
    /<div class="now">.*class="note waiting".*class="note confirmed".*<\/div>\s*<p class="then">/s,
  )
  const style = await (await fetch(`${server.url}/place.css`)).text()
  for (const seconds of [1, 2, 3, 4, 5, 6, 7, 8, 9]) expect(style).toContain(`.light[data-left="${seconds}"]`)
  const said = { de: 'ist jetzt erreichbar', fr: 'est joignable maintenant', es: 'está disponible ahora' }
  for (const [language, words] of Object.entries(said))
    expect(await (await getPage(server, '/reach/desk', { 'accept-language': language })).text()).toContain(
      words,
    )
  server.clock.advance(31_000)
  expect(await textOf(await getPage(server, '/reach/desk'))).toContain('Nobody at Front desk can be reached')
})

test('PV2.4 PV5.6 a page of a place loads what is ours, is framed by nobody, and sets no cookie', async () => {
  const { server } = await place()
  for (const path of ['/reach/desk', '/reach/desk/embedding']) {
    const page = await getPage(server, path)
    const policy = policyOf(page)
    expect([policy.get('default-src'), policy.get('frame-ancestors')], path).toEqual(["'none'", "'none'"])
    expect(page.headers.get('x-frame-options'), path).toBe('DENY')
    expect(page.headers.get('set-cookie'), path).toBeNull()
    const html = await page.text()
    const loaded = [...html.matchAll(/<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"/g)].map(
      ([, url]) => url,
    )
    expect(loaded.filter((url) => !url?.startsWith('/'))).toEqual([])
    expect(html).not.toMatch(/<script(?! type="(?:module|application\/json)")/)
  }
})

test('PV5.6 a frame is for the sites that were listed, and for no other', async () => {
  const { server, id } = await place()
  const framed = async () => getPage(server, '/reach/desk/embed')
  expect(policyOf(await framed()).get('frame-ancestors')).toBe("'none'")
  const origins = ['https://clinic.example', 'https://www.clinic.example']
  await changePlace(await server.db(), id, { origins: JSON.stringify(origins) })
  const page = await framed()
  const policy = policyOf(page)
  expect(policy.get('frame-ancestors')).toBe(origins.join(' '))
  expect([policy.get('default-src'), policy.get('form-action')]).toEqual(["'none'", "'none'"])
  expect(page.headers.get('x-frame-options')).toBeNull()
  expect(page.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  expect(page.headers.get('set-cookie')).toBeNull()
  const html = await page.text()
  expect(html).not.toContain('<form')
  expect(html).toMatch(/href="\/reach\/desk"\s+target="_blank"\s+rel="noopener noreferrer"/)
  expect(html).toContain('<noscript><meta http-equiv="refresh" content="8" /></noscript>')
})

test('PV5.6 PV1.2 the image says of which moment it is, takes its green back by itself, and is kept by no cache', async () => {
  const { server } = await place('A & <B>')
  await reachableDevice(server, ann)
  await expect.poll(async () => (await visitorAt(server).look()).state).toBe('reachable')
  const image = await fetch(`${server.url}/reach/desk/light.svg`)
  expect(image.headers.get('content-type')).toContain('image/svg+xml')
  expect(image.headers.get('cache-control')).toBe('no-store')
  expect(image.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  const svg = await image.text()
  expect(svg).toContain('A &amp; &lt;B&gt;: Reachable at ')
  expect(svg).toMatch(/at \d\d:\d\d:\d\d UTC<\/text>/)
  const seconds = Number(/hide 1ms linear ([\d.]+)s/.exec(svg)?.[1])
  expect(seconds).toBeGreaterThan(0)
  expect(seconds).toBeLessThanOrEqual(9)
  server.clock.advance(31_000)
  expect(await (await fetch(`${server.url}/reach/desk/light.svg`)).text()).not.toContain('class="over"')
})

test('PV6.3 a page shows how a place is shown elsewhere, with its own address', async () => {
  const { server } = await place('Ward "3" & <co>')
  const page = await getPage(server, '/reach/desk/embedding')
  expect(page.status).toBe(200)
  const text = await textOf(page)
  expect(text).toContain(`src="${server.url}/reach/desk/embed"`)
  expect(text).toContain(`<img src="${server.url}/reach/desk/light.svg"`)
  // As it is to be pasted: escaped for where it goes.
  expect(text).toContain('title="Ward &quot;3&quot; &amp; <co>"')
})

test('PV6.3 neither takes more than ten lines, and EMBEDDING.md has the same', async () => {
  const { server } = await place()
  const html = await (await getPage(server, '/reach/desk/embedding')).text()
  const ofPage = [...html.matchAll(/<code>(.+?)<\/code>/gs)].map(([, lines = '']) =>
    lines.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"'),
  )
  const guide = readFileSync(inRoot('docs', 'EMBEDDING.md'), 'utf8')
  const ofGuide = [...guide.matchAll(/```html\n(.+?)\n```/gs)].map(([, lines = '']) =>
    lines.replaceAll('https://reachable.example/reach/front-desk', `${server.url}/reach/desk`),
  )
  // Between the two stands what allows a site.
  const toCopy = ofPage.filter((lines) => lines.startsWith('<'))
  expect(toCopy).toEqual(ofGuide)
  expect(toCopy.map((lines) => lines.split('\n').length)).toEqual([8, 10])
  // What is loaded by them learns nothing of the page around it.
  for (const [tag] of toCopy.join('\n').matchAll(/<(?:iframe|img)[^>]+>/g))
    expect(tag).toContain('referrerpolicy="no-referrer"')
  expect(toCopy.join('\n').match(/<(?:iframe|img)/g)).toHaveLength(2)
})

test('W13.4 what is no place is a page that says so, with a way back', async () => {
  const { server } = await place()
  for (const path of ['', '/embed', '/embedding', '/delivered', '/light.svg', '/message']) {
    const page = await getPage(server, `/reach/nowhere${path}`)
    expect([path, page.status]).toEqual([path, 404])
    expect(await page.text()).toContain('<p class="back">')
  }
})
