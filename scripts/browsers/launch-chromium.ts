import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { chromiumId } from '../../protocol/extension.ts'

/** Chromium refuses to run as root inside its sandbox. */
export const sandboxFlags = process.getuid?.() === 0 ? ['--no-sandbox', '--test-type'] : []

/** @param folder of the unpacked extension, which is to be the only one. */
export const extensionFlags = (folder: string): readonly string[] => [
  `--disable-extensions-except=${folder}`,
  `--load-extension=${folder}`,
  ...sandboxFlags,
]

interface Preferences {
  readonly extensions?: {
    readonly pinned_extensions?: readonly string[]
    readonly commands?: Readonly<Record<string, object>>
  }
}

function changePreferences(profile: string, change: (kept: Preferences) => Preferences): void {
  const file = join(profile, 'Default', 'Preferences')
  const kept: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(change(kept as Preferences)))
}

/** Puts the extension's icon into the toolbar, where Chromium by itself hides it in a menu. */
export const pinIcon = (profile: string): void =>
  changePreferences(profile, ({ extensions, ...others }) => {
    const pinned = new Set(extensions?.pinned_extensions).add(chromiumId)
    return { ...others, extensions: { ...extensions, pinned_extensions: [...pinned] } }
  })

/** As Chromium names the systems where a shortcut is kept. */
const systems: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: 'mac', win32: 'windows' }

/**
 * Has Alt+Shift+R open the popup. Chromium shows that shortcut as given to what was loaded on the command line, and yet
 * does nothing when it is pressed.
 */
export const bindShortcut = (profile: string): void =>
  changePreferences(profile, ({ extensions, ...others }) => {
    const shortcut = `${systems[process.platform] ?? 'linux'}:Alt+Shift+R`
    const command = { command_name: '_execute_action', extension: chromiumId, global: false }
    return {
      ...others,
      extensions: { ...extensions, commands: { ...extensions?.commands, [shortcut]: command } },
    }
  })

/** Starts Chromium with a profile folder (made when missing) and the extension in it; no debugger is attached. */
export const launchChromium = (options: {
  readonly executable: string
  readonly profile: string
  readonly extension: string
  readonly flags: readonly string[]
}): ChildProcess =>
  spawn(
    options.executable,
    [`--user-data-dir=${options.profile}`, ...extensionFlags(options.extension), ...options.flags],
    { stdio: 'ignore', detached: process.platform !== 'win32' },
  )
