import type { Request } from '../http/route.ts'
import { type Language, languageFor } from '../locales/language.ts'
import { pageWords } from '../locales/page-words.ts'
import type { PageWords } from '../locales/pages/en.ts'

export interface Said {
  readonly language: Language
  readonly words: PageWords
}

/**
 * The language of a page: what the person chose, or what the page before was in, or what their browser asks
 * for.
 *
 * @param chosen the person's own language, where we know who they are.
 */
export function languageOf(request: Request, chosen?: string | null): Said {
  const language = languageFor(chosen ?? request.req.query('language'), request.req.header('accept-language'))
  return { language, words: pageWords[language] }
}
