import { temporaryFolder } from '../temporary-folder.ts'
import { openFirefox } from './open-firefox.ts'

/** A Firefox without the extension. It ends with the test. */
export async function openPlainFirefox({ scripts }: { readonly scripts: boolean }) {
  const firefox = await openFirefox(temporaryFolder())
  return {
    newPage: async () => {
      const page = await firefox.newPage()
      await firefox.inWindow(`gBrowser.selectedBrowser.browsingContext.allowJavascript = ${scripts}`)
      return page
    },
  }
}
