import { beforeEach, expect, test } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { isOwnPage } from '../../../entrypoints/background/pages/own-page.ts'

beforeEach(() => fakeBrowser.reset())

test('U9.13 the pages of the extension are heard, in a tab, a window or the popup', () => {
  const { id } = fakeBrowser.runtime
  for (const page of ['popup.html', 'options.html', 'call.html?id=a'])
    expect(isOwnPage({ id, url: fakeBrowser.runtime.getURL(`/${page}` as '/popup.html') })).toBe(true)
})

test('U9.13 nobody else is, whatever they say', () => {
  const { id } = fakeBrowser.runtime
  const url = fakeBrowser.runtime.getURL('/popup.html')
  for (const sender of [
    undefined,
    {},
    { id },
    { url },
    { id: 'another', url },
    { id: '', url },
    { id, url: 'https://site.example/' },
    { id, url: `https://site.example/${url}` },
    { id, url: 'about:blank' },
    { id, url: '' },
  ])
    expect(isOwnPage(sender)).toBe(false)
})
