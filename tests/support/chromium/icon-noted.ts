import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { extensionFolder } from '../../../scripts/build-extension.ts'

/** Where it is noted in the extension's `storage.session`, which can be read without waking the worker. */
const key = 'the icon in the toolbar, noted for tests'

/** Chromium tells nobody which icon it shows. What it has drawn is noted here, and nothing else is changed. */
const noteIcons = `{
  const { action, storage } = chrome
  const setIcon = action.setIcon.bind(action)
  action.setIcon = (of) => {
    const drawing = setIcon(of)
    drawing.then(() => storage.session.set({ ${JSON.stringify(key)}: of.path[16] })).catch(() => {})
    return drawing
  }
}
`

/**
 * Copies the built extension into a profile, with that note in front of its worker, which so begins before the first
 * icon is drawn and is there in every later worker.
 *
 * @returns the folder to load.
 */
export function copyNotingIcons(profile: string): string {
  const folder = join(profile, 'reachable-noting-icons')
  cpSync(extensionFolder('chrome'), folder, { recursive: true })
  const worker = join(folder, 'background.js')
  writeFileSync(worker, `${noteIcons}${readFileSync(worker, 'utf8')}`)
  return folder
}

/** What a page of the extension finds drawn, as an expression. */
export const readDrawn = `Promise.all([
  chrome.action.getBadgeText({}),
  chrome.action.getBadgeBackgroundColor({}),
  chrome.action.getTitle({}),
  chrome.storage.session.get(),
]).then(([text, colour, title, noted]) => ({ text, colour, title, icon: noted[${JSON.stringify(key)}] ?? '' }))`
