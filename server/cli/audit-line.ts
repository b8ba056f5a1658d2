import type { ReadEntry } from '../accounts/read-audit.ts'
import { offsetText, secondText } from './local-time.ts'

/**
 * Entries as they are printed. Much of what is in them others have written: what a browser calls itself, what was
 * asked for, what a key is called. On a terminal none of it may be an order, another line, or look like another field.
 */

/** An entry on one line, its fields two spaces apart: time (of this machine, with its offset from UTC), what, who, what else there is, from where. */
export function auditLine(entry: ReadEntry): string {
  const { at, what, address, device, label } = entry
  const time = `${secondText(at)}${offsetText(at)}`
  const detail = Object.entries(JSON.parse(entry.detail) as Record<string, unknown>).map(
    ([key, value]) => `${key}=${printed(value)}`,
  )
  const from = address === null ? [] : [`from ${printed(address)}`]
  const on = device === null ? [] : [`device ${printed(device)}`]
  const called = label === null || label === '' ? [] : [quoted(label)]
  return [time, what.padEnd(20), whoOf(entry), ...detail, ...from, ...on, ...called].join('  ')
}

/** An entry as one line of JSON, exactly as it is on record. */
export function auditJson({ at, detail, ...rest }: ReadEntry): string {
  const entry = { at: new Date(at).toISOString(), ...rest, detail: JSON.parse(detail) as unknown }
  return JSON.stringify(entry).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (sign) =>
    sign
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

function whoOf({ who, login, username, email }: ReadEntry): string {
  const name = username ?? email
  if (name !== null) return printed(name)
  if (who !== null) return `(gone: ${printed(who)})`
  return login === null ? '–' : `(nobody: ${printed(login)})`
}

/** What can be nothing but one word. */
const plain = /^[\w.:@/+-]+$/
/** What was no text would be printed so. */
const otherThanText = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/

function printed(value: unknown): string {
  if (typeof value === 'string')
    return plain.test(value) && !otherThanText.test(value) ? value : quoted(value)
  if (Array.isArray(value) && value.length > 0 && value.every(isPlain)) return value.join(',')
  return typeof value === 'object' && value !== null ? quoted(JSON.stringify(value)) : String(value)
}

const isPlain = (value: unknown) => typeof value === 'string' && plain.test(value)

/** Scripts that run from right to left: a terminal may turn round what stands after them. */
const runsLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

/** Signs of ASCII; letters, digits and what is set above letters, unless they cannot be seen or look like a quotation mark. */
const visible = /^(?:[!-~]|[\p{Lu}\p{Ll}\p{Lt}\p{Lo}\p{M}\p{N}])$/u

/** In quotation marks; whatever could look like anything else is written as its code. */
function quoted(text: string): string {
  let before = ''
  const signs = [...text].map((sign) => {
    const spaced = sign === ' ' && before !== ' '
    before = sign
    if (sign === '"' || sign === '\\') return `\\${sign}`
    if (spaced || (visible.test(sign) && !runsLeft.test(sign) && !/\p{DI}/u.test(sign))) return sign
    return `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`
  })
  return `"${signs.join('')}"`
}
