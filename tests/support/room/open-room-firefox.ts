import { openFirefox } from '../firefox/open-firefox.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { roomOn } from './room-on.ts'
import { watchPeers } from './watch-peers.ts'

/** Devices that Firefox makes up, given to every page; and addresses as they are, for no name of mDNS is found here. */
const preferences = {
  'media.navigator.streams.fake': true,
  // Without it what is made up needs no leave, and has no mark.
  'media.navigator.permission.fake': true,
  'permissions.default.camera': 1,
  'permissions.default.microphone': 1,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  // A window without a screen never has the focus that Firefox waits for.
  'media.getusermedia.window.focus_source.enabled': false,
} as const

/** A Firefox of its own, with a camera that changes its colours and a microphone that hums. */
export async function openRoomFirefox() {
  const firefox = await openFirefox(temporaryFolder(), preferences)
  await firefox.bidi.send('script.addPreloadScript', { functionDeclaration: String(watchPeers) })
  return {
    open: async (address: string) => {
      const page = await firefox.newPage()
      await page.goto(address)
      return roomOn(page)
    },
    /** Whether the browser marks a tab as one that uses the camera or the microphone. */
    marksCapture: async () =>
      Boolean(
        await firefox.inWindow(
          `gBrowser.tabs.some((tab) => ['camera', 'microphone'].includes(tab.getAttribute('sharing')))`,
        ),
      ),
  }
}
