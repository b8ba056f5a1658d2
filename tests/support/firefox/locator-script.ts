import { readFileSync } from 'node:fs'
import { inRoot } from '../../../scripts/root.ts'

const file = inRoot('output', 'locators.js')

let script: string | undefined

/** Playwright's way to find elements, for a page that Playwright does not drive: defines `found(selector)`. */
export const locatorScript = (): string => {
  script ??= `${readFileSync(file, 'utf8')}
    var found = (selector) => ivya.Ivya.create({ browser: 'firefox' }).queryLocatorSelectorAll(selector)`
  return script
}
