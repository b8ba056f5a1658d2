import type { Context } from '../http/route.ts'
import { languageFor } from '../locales/language.ts'
import { type Locale, localeIn } from '../locales/locale.ts'

/**
 * The locale of a page: what the person chose, or what the page before was in, or what their browser asks for.
 *
 * @param chosen the person's own language, where we know who they are.
 */
export const localeOf = (context: Context, chosen?: string | null): Locale =>
  localeIn(languageFor(chosen ?? context.req.query('language'), context.req.header('accept-language')))
