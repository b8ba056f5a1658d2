import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { chromiumId } from '../../protocol/extension.ts'

/** Chromium refuses to run as root inside its sandbox. */
export const rootNeeds = process.getuid?.() === 0 ? ['--no-sandbox', '--test-type'] : []

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

/** Opens a Chromium of its own with the extension loaded and pinned, and leaves it to the person. */
export function openChromium(executable: string, extension: string, profile: string): ChildProcess {
  pinIcon(profile)
  return spawn(
    executable,
    [
      `--user-data-dir=${profile}`,
      `--disable-extensions-except=${extension}`,
      `--load-extension=${extension}`,
      ...['--no-first-run', '--no-default-browser-check', '--hide-crash-restore-bubble'],
      ...rootNeeds,
    ],
    { stdio: 'ignore', detached: process.platform !== 'win32' },
  )
}
