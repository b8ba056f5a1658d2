import type { Context } from '../http/route.ts'
import { type Language, languageFor } from '../locales/language.ts'
import { pageTexts } from '../locales/page-words.ts'
import type { PageTexts } from '../locales/pages/en.ts'

export interface Locale {
  readonly language: Language
  readonly words: PageTexts
}

/**
 * The language of a page: what the person chose, or what the page before was in, or what their browser asks
 * for.
 *
 * @param chosen the person's own language, where we know who they are.
 */
export function localeOf(context: Context, chosen?: string | null): Locale {
  const language = languageFor(chosen ?? context.req.query('language'), context.req.header('accept-language'))
  return { language, words: pageTexts[language] }
}
