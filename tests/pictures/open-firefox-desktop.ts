import { onTestFinished, vi } from 'vitest'
import { firefoxId } from '../../protocol/extension.ts'
import { extensionFolder } from '../../scripts/build-extension.ts'
import { openFirefox } from '../support/firefox/open-firefox.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import type { Look } from './open-desktop.ts'
import { openScreen } from './open-screen.ts'

const uuid = 'b3f0c6de-6a4f-4b0c-9a55-0c5f1f6f2f10'
const address = (path: string) => `moz-extension://${uuid}/${path}`
const iconId = JSON.stringify(`${firefoxId.replace(/[^a-z0-9_-]/gi, '_')}-BAP`)

/** Where the icon stands on the screen, in its pixels: the middle of it. */
const placeOfIcon = `(() => {
  const box = document.getElementById(${iconId}).querySelector('.toolbarbutton-badge-stack').getBoundingClientRect()
  return [mozInnerScreenX + box.x + box.width / 2, mozInnerScreenY + box.y + box.height / 2]
    .map((at) => at * devicePixelRatio)
})()`

/** A real Firefox window with the extension's icon in its toolbar, `scale` times as fine. It closes with the test. */
export async function openFirefoxDesktop({ scale, dark = false }: Look) {
  const screen = await openScreen(900 * scale, 500 * scale)
  vi.stubEnv('DISPLAY', screen.display)
  onTestFinished(() => void vi.unstubAllEnvs())
  const firefox = await openFirefox(
    temporaryFolder(),
    {
      'extensions.webextensions.uuids': JSON.stringify({ [firefoxId]: uuid }),
      'extensions.activeThemeID': `firefox-compact-${dark ? 'dark' : 'light'}@mozilla.org`,
      'layout.css.devPixelsPerPx': String(scale),
    },
    ['--width', String(720 * scale), '--height', String(320 * scale)],
  )
  await firefox.bidi.install(extensionFolder('firefox'))
  await vi.waitUntil(() => firefox.inWindow(`document.getElementById(${iconId}) !== null`), {
    timeout: 30_000,
  })
  const page = await firefox.newPage()
  await page.goto(address('icons/app-16.png'))
  // Over nothing that would react to it.
  screen.moveTo(1, 1)
  return {
    page,
    /** The icon with what stands beside it: in pixels of Firefox. */
    shot: async (width: number, height: number): Promise<Buffer> => {
      const [x = 0, y = 0] = (await firefox.inWindow(placeOfIcon)) as readonly number[]
      return await screen.shot({
        x: Math.round(x - (width * scale) / 2),
        y: Math.round(y - (height * scale) / 2),
        width: width * scale,
        height: height * scale,
      })
    },
  }
}
