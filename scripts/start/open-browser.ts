import type { ChildProcess } from 'node:child_process'
import { basename } from 'node:path'
import { findBrowser } from '../browsers/find-browser.ts'
import { launchChromium, pinIcon } from '../browsers/launch-chromium.ts'
import { launchFirefox } from '../browsers/launch-firefox.ts'
import { inRoot } from '../root.ts'
import type { Started } from './guidance.ts'

const profileOf = (browser: string) => inRoot('data', `browser-${browser}`)

/** Whether a window can be shown here; only on Linux does that depend on the environment. */
const hasScreen = () =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

function openChromium(executable: string, extension: string): ChildProcess {
  const profile = profileOf('chromium')
  pinIcon(profile)
  const flags = ['--no-first-run', '--no-default-browser-check', '--hide-crash-restore-bubble']
  return launchChromium({ executable, profile, extension, flags })
}

/** It takes the extension until it ends. */
async function openFirefox(executable: string, extension: string): Promise<ChildProcess> {
  const { process, bidi } = await launchFirefox({ executable, profile: profileOf('firefox') })
  await bidi.install(extension)
  await bidi.end()
  return process
}

/**
 * Opens Chromium or else Firefox, in a profile of its own with the extension in its toolbar, and leaves it to the
 * person; or says why it cannot.
 */
export async function openBrowser({
  chromeFolder,
  firefoxFolder,
}: Started): Promise<ChildProcess | undefined> {
  const chromium = findBrowser('chromium')
  const firefox = findBrowser('firefox')
  if (!hasScreen()) {
    console.log(
      'No browser was opened: there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set).',
    )
    return undefined
  }
  const opening = (executable: string) =>
    console.log(`Opening ${basename(executable)} with the extension, in a profile of its own.`)
  if (chromium) {
    opening(chromium)
    return openChromium(chromium, chromeFolder)
  }
  if (firefox) {
    opening(firefox)
    return await openFirefox(firefox, firefoxFolder)
  }
  console.log(
    'No browser was opened: neither Chromium, Brave nor Firefox was found. Google Chrome and Edge have to ' +
      'be told by hand, as above.',
  )
  return undefined
}
