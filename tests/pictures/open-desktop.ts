import { type BrowserContext, chromium, type Page } from 'playwright'
import { onTestFinished } from 'vitest'
import { chromiumId } from '../../protocol/extension.ts'
import { requireBrowser } from '../../scripts/browsers/find-browser.ts'
import { extensionFlags, pinIcon } from '../../scripts/browsers/launch-chromium.ts'
import { chromiumToolbar } from '../support/chromium/chromium-toolbar.ts'
import { copyNotingIcons } from '../support/chromium/icon-noted.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { openScreen, type Rectangle } from './open-screen.ts'

/** Of the browser's window. */
const bounds = { left: 0, top: 0, width: 720, height: 780 }

/** Where Chromium puts the one pinned icon, from the window's upper right corner, in its own pixels. */
const icon = { fromRight: 153, fromTop: 63 }

const address = (path: string) => `chrome-extension://${chromiumId}/${path}`

export interface Look {
  /** Pixels of the screen for each of Chromium's. */
  readonly scale: number
  readonly dark?: boolean
}

/**
 * A desktop with a real Chromium window, the extension's icon pinned in its toolbar. All places are in
 * Chromium's pixels, the pictures `scale` times as fine. It closes with the test.
 */
export async function openDesktop({ scale, dark = false }: Look) {
  const profile = temporaryFolder()
  pinIcon(profile)
  const screen = await openScreen(1_200 * scale, 800 * scale)
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: requireBrowser('chromium'),
    headless: false,
    viewport: null,
    colorScheme: null,
    env: { ...process.env, DISPLAY: screen.display },
    ignoreDefaultArgs: ['--enable-automation'],
    args: [
      ...extensionFlags(copyNotingIcons(profile)),
      '--window-position=0,0',
      `--force-device-scale-factor=${scale}`,
      ...['--no-first-run', '--disable-background-networking', '--disable-component-update'],
      ...(dark ? ['--force-dark-mode'] : []),
    ],
  })
  onTestFinished(() => context.close())
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'))
  const isWelcome = (page: Page) => page.url() === address('welcome.html')
  const welcome = context.pages().find(isWelcome) ?? (await context.waitForEvent('page', isWelcome))
  const at = { x: (bounds.width - icon.fromRight) * scale, y: icon.fromTop * scale }

  /** By DevTools, since `--window-size` would hold for the window of a call as well. */
  async function place(page: Page, wanted: Partial<typeof bounds>): Promise<void> {
    const devtools = await context.newCDPSession(page)
    const { windowId } = await devtools.send('Browser.getWindowForTarget')
    await devtools.send('Browser.setWindowBounds', { windowId, bounds: wanted })
    await devtools.detach()
  }
  await place(welcome, bounds)

  async function open(path: string): Promise<Page> {
    const page = await context.newPage()
    await page.goto(address(path))
    return page
  }

  return {
    context,
    welcome,
    width: bounds.width,
    toolbar: chromiumToolbar(context, worker, address('manifest.json')),
    open,
    place,
    shot: ({ x, y, width, height }: Rectangle): Promise<Buffer> =>
      screen.shot({ x: x * scale, y: y * scale, width: width * scale, height: height * scale }),
    /** The icon in the middle of what stands beside it: in Chromium's pixels. */
    shotOfIcon: ({ width, height }: Pick<Rectangle, 'width' | 'height'>): Promise<Buffer> =>
      screen.shot({
        x: Math.round(at.x - (width * scale) / 2),
        y: Math.round(at.y - (height * scale) / 2),
        width: width * scale,
        height: height * scale,
      }),
    clickIcon: (button: 'left' | 'right' = 'left') => screen.click(at.x, at.y, button),
    /** The mouse away from everything that would react to it. */
    moveAway: () => screen.moveTo(1_190 * scale, 790 * scale),
    press: screen.press,
  }
}

export type Desktop = Awaited<ReturnType<typeof openDesktop>>
