import { parseAccept } from 'hono/utils/accept'

/** The languages that we write in, the first where nobody has asked for one that we know. */
export const languages = ['en', 'de', 'es', 'fr'] as const

export type Language = (typeof languages)[number]

/** What each calls itself. */
export const languageNames: Record<Language, string> = {
  en: 'English',
  de: 'Deutsch',
  es: 'Español',
  fr: 'Français',
}

/** @returns ours for a tag such as `de-AT`; undefined when we have none. */
export function knownLanguage(tag: string | null | undefined): Language | undefined {
  const primary = tag?.trim().toLowerCase().split('-', 1)[0]
  return languages.find((language) => language === primary)
}

/** What a person chose; or else the best of what their browser asks for (`Accept-Language`); or else English. */
export function languageFor(chosen: string | null | undefined, header = ''): Language {
  const asked = parseAccept(header.slice(0, 1_000)).filter(({ q }) => q > 0)
  const wanted = [chosen, ...asked.map(({ type }) => type)].map(knownLanguage)
  return wanted.find((language) => language !== undefined) ?? 'en'
}
