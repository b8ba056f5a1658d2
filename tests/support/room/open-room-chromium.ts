import { type BrowserContext, chromium } from 'playwright'
import { onTestFinished } from 'vitest'
import { requireBrowser } from '../../../scripts/browsers/find-browser.ts'
import { sandboxFlags } from '../../../scripts/browsers/launch-chromium.ts'
import { quiet } from '../chromium/open-chromium-device.ts'
import { processesOf, signal } from '../processes-of.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { blue, type Colour, pictureFile, red } from './picture-file.ts'
import { roomOn } from './room-on.ts'
import { watchPeers } from './watch-peers.ts'

export interface RoomChromiumOptions {
  /** What its camera sees: one colour, or what such a file shows. */
  readonly sees: Colour | { readonly file: string }
  readonly profile?: string
  readonly flags?: readonly string[]
  /** A program that becomes the browser, as `ip netns exec` does: a script that starts it. */
  readonly executable?: string
}

/**
 * A Chromium of its own with a camera that sees one colour and a microphone that beeps, both given to whatever page asks,
 * without any other favour: what may play by itself is as with everybody.
 */
export async function openRoomChromium(options: RoomChromiumOptions) {
  const profile = options.profile ?? temporaryFolder()
  const { sees } = options
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: options.executable ?? requireBrowser('chromium'),
    headless: true,
    reducedMotion: 'reduce',
    args: [
      ...sandboxFlags,
      ...quiet,
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${'file' in sees ? sees.file : pictureFile(sees)}`,
      ...(options.flags ?? []),
    ],
  })
  onTestFinished(() => context.close())
  await context.addInitScript(watchPeers)
  return {
    context,
    profile,
    open: (address: string) => openIn(context, address),
    /** Without a goodbye, as when the power is cut. */
    kill: async () => {
      const closed = context.waitForEvent('close')
      signal(processesOf(profile), 'SIGKILL')
      await closed
    },
  }
}

export type RoomChromium = Awaited<ReturnType<typeof openRoomChromium>>

/** One for each of the two of a call: the caller's camera sees red, the callee's blue. */
export async function openTwoRoomChromiums() {
  const [callers, callees] = await Promise.all([red, blue].map((sees) => openRoomChromium({ sees })))
  if (!callers || !callees) throw new Error('Chromium did not open')
  return { callers, callees }
}

async function openIn(context: BrowserContext, address: string) {
  const page = await context.newPage()
  await page.goto(address)
  return roomOn(page)
}
