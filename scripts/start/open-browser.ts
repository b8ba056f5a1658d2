import type { ChildProcess } from 'node:child_process'
import { basename } from 'node:path'
import { findBrowser } from '../browsers/find-browser.ts'
import { hasScreen } from '../browsers/has-screen.ts'
import { openChromium } from '../browsers/open-chromium.ts'
import { openFirefox } from '../browsers/open-firefox.ts'
import { inRoot } from '../root.ts'
import type { Standing } from './guidance.ts'

const profile = (name: string) => inRoot('data', `browser-${name}`)

/** Opens Chromium or else Firefox with the extension in its toolbar, or says why it cannot. */
export async function openBrowser({
  chromeFolder,
  firefoxFolder,
}: Standing): Promise<ChildProcess | undefined> {
  const chromium = findBrowser('chromium')
  const firefox = findBrowser('firefox')
  if (!hasScreen()) {
    console.log(
      'No browser was opened: there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set).',
    )
    return undefined
  }
  if (chromium) {
    console.log(`Opening ${basename(chromium)} with the extension, in a profile of its own.`)
    return openChromium(chromium, chromeFolder, profile('chromium'))
  }
  if (firefox) {
    console.log(`Opening ${basename(firefox)} with the extension, in a profile of its own.`)
    return await openFirefox(firefox, firefoxFolder, profile('firefox'))
  }
  console.log(
    'No browser was opened: neither Chromium, Brave nor Firefox was found. Google Chrome and Edge have to ' +
      'be told by hand, as above.',
  )
  return undefined
}
