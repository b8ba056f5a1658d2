import { CommandError } from '../../server/command-line.ts'
import { type Browser, findBrowser } from '../browsers/find-browser.ts'

/** A browser that is there to be opened. */
export interface ChosenBrowser {
  readonly browser: Browser
  readonly executable: string
}

export const browserNames: Readonly<Record<Browser, string>> = { chromium: 'Chromium', firefox: 'Firefox' }

const isBrowser = (name: string): name is Browser => Object.hasOwn(browserNames, name)

/** Whether a window can be shown here; only on Linux does that depend on the environment. */
const hasScreen = () =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

/**
 * The browser that somebody asks for by name, or the first that is installed.
 *
 * @throws CommandError that says in one sentence why none can be opened.
 */
export function chooseBrowser(name: string | undefined): ChosenBrowser {
  if (name !== undefined && !isBrowser(name))
    throw new CommandError(
      `--open knows no browser "${name}": it takes chromium (or Brave, or Vivaldi) or firefox; other browsers take the extension by hand, as npm start tells.`,
      2,
    )
  if (!hasScreen())
    throw new CommandError(
      'No browser can be opened: there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set).',
      2,
    )
  const asked: readonly Browser[] = name === undefined ? ['chromium', 'firefox'] : [name]
  for (const browser of asked) {
    const executable = findBrowser(browser)
    if (executable !== undefined) return { browser, executable }
  }
  const missing = asked.map((browser) => browserNames[browser]).join(' nor ')
  const variables = asked.map((browser) => `REACHABLE_${browser.toUpperCase()}`).join(' or ')
  throw new CommandError(
    `${asked.length > 1 ? 'Neither ' : ''}${missing} was${asked.length > 1 ? '' : ' not'} found on this machine: install it, or say in ${variables} where it is.`,
    2,
  )
}
