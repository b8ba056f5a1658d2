import { styleText } from 'node:util'

export interface Started {
  readonly url: string
  readonly chromeFolder: string
  readonly firefoxFolder: string
  /** DATA_DIR as it was set, which the commands need as well. */
  readonly dataDir?: string | undefined
}

/** Before a command that must find the same data directory, as a shell takes it. */
const settingOf = (dataDir: string | undefined) =>
  dataDir ? `DATA_DIR='${dataDir.replaceAll("'", "'\\''")}' ` : ''

const bold = (text: string) => styleText('bold', text)

/** Where a fresh extension looks for its server. */
const defaults = ['http://127.0.0.1:8787', 'http://localhost:8787']

/** What to do next, for someone who has only just cloned the repository. */
export function guidance({ url, chromeFolder, firefoxFolder, dataDir }: Started): string {
  const elsewhere = defaults.includes(url)
    ? ''
    : `\n   First open its options and give it the server's address: ${url}`
  const setting = settingOf(dataDir)
  return `
${bold(`Reachable is running at ${url}`)} — Ctrl-C ends it.

${bold('1. Load the extension')}, once. Either \`npm start -- --open\` opens a browser with it, or by hand:
   Chrome, Edge, Brave, Chromium: open chrome://extensions, switch on "Developer mode",
   choose "Load unpacked", and pick the folder
     ${bold(chromeFolder)}
   Firefox: open about:debugging#/runtime/this-firefox, choose "Load Temporary Add-on…", and pick
     ${bold(`${firefoxFolder}/manifest.json`)}

${bold('2. Log in')} by a click on the light in the toolbar (it may hide behind the puzzle piece: pin it there).${elsewhere}
   The very first start prints two demo accounts with their passwords. Another account:
     ${setting}npm run account -- add --username USERNAME --email EMAIL --name "NAME"

${bold('3. Be called.')} The light is green and says ON. In a second terminal:
     ${setting}npm run call -- ann
`
}
