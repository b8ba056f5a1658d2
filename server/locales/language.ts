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
export function languageFor(chosen: string | null | undefined, header?: string): Language {
  const asked = (header ?? '')
    .slice(0, 1_000)
    .split(',')
    .map((part) => {
      const [tag, ...parameters] = part.split(';')
      const quality = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/i.exec(parameter)?.[1]).find(Boolean)
      return { language: knownLanguage(tag), weight: quality === undefined ? 1 : Number(quality) }
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
  return knownLanguage(chosen) ?? asked.find(({ language }) => language)?.language ?? 'en'
}
