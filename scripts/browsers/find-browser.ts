import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Where browsers stand that load an unpacked extension when they are told to on the command line.
 * Google's own Chrome (since 137) and Edge do not, so they are not looked for.
 */
const names = {
  chromium: {
    variable: 'REACHABLE_CHROMIUM',
    commands: ['chromium', 'chromium-browser', 'brave-browser', 'brave', 'ungoogled-chromium', 'vivaldi'],
    files: [
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Brave Browser.app/Contents/MacOS/Brave Browser',
      '/Applications/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
      'C:\\Program Files\\Chromium\\Application\\chrome.exe',
      'C:\\Program Files\\BraveSoftware\\Brave-Browser\\Application\\brave.exe',
    ],
  },
  firefox: {
    variable: 'REACHABLE_FIREFOX',
    commands: ['firefox', 'firefox-esr', 'firefox-developer-edition'],
    files: [
      '/Applications/Firefox.app/Contents/MacOS/firefox',
      '/Applications/Firefox Developer Edition.app/Contents/MacOS/firefox',
      'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
    ],
  },
} as const

export type Browser = keyof typeof names

function runnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The path of an installed browser; the environment variables REACHABLE_CHROMIUM and REACHABLE_FIREFOX go first. */
export function findBrowser(browser: Browser): string | undefined {
  const { variable, commands, files } = names[browser]
  const chosen = process.env[variable]
  if (chosen) return runnable(chosen) ? chosen : undefined
  const folders = (process.env.PATH ?? '').split(delimiter)
  const onPath = commands.flatMap((command) => folders.map((folder) => join(folder, command)))
  return [...onPath, ...files].find(runnable)
}

/** The same, where nothing can be done without. @throws when it is not installed. */
export function requireBrowser(browser: Browser): string {
  const path = findBrowser(browser)
  if (path === undefined) throw new Error(`No ${browser} is installed: \`npm test\` says how to get one.`)
  return path
}
