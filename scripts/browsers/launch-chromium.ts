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

/** Puts the extension's icon into the toolbar, where Chromium by itself hides it in a menu. */
export function pinIcon(profile: string): void {
  const file = join(profile, 'Default', 'Preferences')
  const kept: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const preferences = kept as { extensions?: { pinned_extensions?: readonly string[] } }
  const pinned = new Set(preferences.extensions?.pinned_extensions).add(chromiumId)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(
    file,
    JSON.stringify({
      ...preferences,
      extensions: { ...preferences.extensions, pinned_extensions: [...pinned] },
    }),
  )
}

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
