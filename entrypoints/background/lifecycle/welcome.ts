import { browser } from '../../../platform/browser.ts'

/**
 * Opens the welcome page at the first install. An extension loaded from a folder is "installed" anew at
 * every start of the browser, hence the note that it was shown.
 */
export async function welcomeOnce(): Promise<void> {
  const { welcomed } = await browser.storage.local.get('welcomed')
  if (welcomed === true) return
  await browser.storage.local.set({ welcomed: true })
  await browser.tabs.create({ url: browser.runtime.getURL('/welcome.html') })
}
