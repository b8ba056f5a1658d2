import { firefoxId } from '../../../protocol/extension.ts'
import { lend, profileOfRun } from '../browsers-of-run.ts'
import { devicePreferences } from './device-preferences.ts'
import { startFirefox } from './open-firefox.ts'

/** What pages are told of the person's wishes and of the screen, as `emulateMedia` sets it, but for motion: there is none. */
const media = ['layout.css.prefers-color-scheme.content-override', 'browser.display.document_color_use']

/** Leaves the first tab, and nothing of the extension, of what it stored, or of what sites stored. */
const clear = `(async () => {
  Services.io.offline = false
  for (const other of Services.wm.getEnumerator('navigator:browser')) if (other !== window) other.close()
  const [first, ...others] = gBrowser.tabs
  for (const tab of others) gBrowser.removeTab(tab, { animate: false, skipPermitUnload: true })
  for (const name of ${JSON.stringify(media)}) Services.prefs.clearUserPref(name)
  const keepStorage = 'extensions.webextensions.keepStorageOnUninstall'
  Services.prefs.setBoolPref(keepStorage, false)
  await (await AddonManager.getAddonByID(${JSON.stringify(firefoxId)}))?.uninstall()
  Services.prefs.setBoolPref(keepStorage, true)
  await new Promise((cleared) => Services.clearData.deleteData(Services.clearData.CLEAR_ALL, cleared))
})()`

/** A Firefox that ran before, with nothing in it. */
export const borrowFirefox = lend(async () => {
  const profile = profileOfRun()
  const firefox = await startFirefox(profile, devicePreferences(true))
  return { ...firefox, profile, clear: async () => void (await firefox.inWindow(clear)), close: firefox.kill }
})
