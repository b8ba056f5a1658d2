import { keptName, nameError } from '../accounts/new-person.ts'
import { knownLanguage, type Language } from '../locales/language.ts'
import type { IssuerClaims } from './issuer.ts'

/** What we take from an issuer besides the address; null where it says nothing that we can use. */
export interface TakenProfile {
  readonly name: string | null
  readonly picture: string | null
  readonly language: Language | null
}

const longestPicture = 2_000

export const takenProfile = ({ name, picture, locale }: IssuerClaims): TakenProfile => ({
  name: usableName(name),
  picture: usablePicture(picture),
  language: knownLanguage(locale?.replaceAll('_', '-')) ?? null,
})

function usableName(locale: string | undefined): string | null {
  const name = keptName(locale ?? '')
  return nameError(name) === undefined ? name : null
}

function usablePicture(locale: string | undefined): string | null {
  const url = URL.parse(locale ?? '')
  return url?.protocol === 'https:' && url.href.length <= longestPicture ? url.href : null
}

/**
 * An address that can be compared without guessing: plain ASCII, in lower case. Others look alike to people
 * or fold into each other (a Kelvin sign becomes a k), so with them somebody could pass for somebody else.
 */
export function comparableEmail(email: string | undefined): string | undefined {
  const plain = /^[\x21-\x3f\x41-\x7e]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i
  return email !== undefined && plain.test(email) ? email.toLowerCase() : undefined
}
