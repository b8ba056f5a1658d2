import { browser } from '../../../platform/browser.ts'

/**
 * Opens the welcome page at the first install. An extension loaded from a folder is "installed" anew at
 * every start of the browser, hence the note that it was shown. A build for windows that begin with a page of
 * their own has none.
 */
export async function welcomeOnce(): Promise<void> {
  if (import.meta.env.WXT_NO_WELCOME) return
  const { welcomed } = await browser.storage.local.get('welcomed')
  if (welcomed === true) return
  await browser.storage.local.set({ welcomed: true })
  await browser.tabs.create({ url: browser.runtime.getURL('/welcome.html') })
}
