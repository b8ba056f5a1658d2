import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { extensionFolder } from '../../../scripts/build-extension.ts'
import type { Drawn } from '../light.ts'
import { fileWithPixels } from './icon-files.ts'

/** Where it is noted in the extension's `storage.session`, which can be read without waking the worker. */
const key = 'the icon in the toolbar, noted for tests'

/**
 * Chromium tells nobody which icon it shows. The very pixels that it has drawn, or the files that it was given, are noted
 * here by their size, and nothing else is changed.
 */
const noteIcons = `{
  const { action, storage } = chrome
  const setIcon = action.setIcon.bind(action)
  const noted = ({ path, imageData }) =>
    path ?? Object.fromEntries(Object.entries(imageData).map(([size, { data }]) => [size, btoa(String.fromCharCode(...data))]))
  action.setIcon = (of) => {
    const drawing = setIcon(of)
    drawing.then(() => storage.session.set({ ${JSON.stringify(key)}: noted(of) })).catch(() => {})
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

/** What a page of the extension finds drawn, as an expression; `drawnAsNoted` makes of it what is seen. */
export const readNoted = `Promise.all([
  chrome.action.getBadgeText({}),
  chrome.action.getBadgeBackgroundColor({}),
  chrome.action.getTitle({}),
  chrome.storage.session.get(),
]).then(([text, colour, title, noted]) => ({ text, colour, title, icon: noted[${JSON.stringify(key)}] ?? {} }))`

export interface Noted extends Omit<Drawn, 'icon'> {
  /** By size: a file's path, or pixels (base64). */
  readonly icon: Readonly<Record<number, string>>
}

export const drawnAsNoted = ({ icon, ...others }: Noted): Drawn => ({ ...others, icon: iconAsNoted(icon) })

/** The file of the icon that every size is a picture of; '' where there is none. */
function iconAsNoted(bySize: Noted['icon']): string {
  const files = Object.entries(bySize).map(([size, noted]) =>
    noted.endsWith('.png') ? noted : fileWithPixels(Number(size), Buffer.from(noted, 'base64')),
  )
  const [first = ''] = files
  const name = (file: string) => file.replace(/-\d+\.png$/, '')
  return files.every((file) => name(file) === name(first)) ? first : ''
}
