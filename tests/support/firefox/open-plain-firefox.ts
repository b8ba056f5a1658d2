import { borrowFirefox } from './borrow-firefox.ts'

/** A Firefox without the extension, for as long as the test lasts. */
export async function openPlainFirefox({ scripts }: { readonly scripts: boolean }) {
  const firefox = await borrowFirefox()
  return {
    newPage: async () => {
      const page = await firefox.newPage()
      await firefox.inWindow(`gBrowser.selectedBrowser.browsingContext.allowJavascript = ${scripts}`)
      return page
    },
  }
}
