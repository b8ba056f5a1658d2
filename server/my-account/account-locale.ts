import type { Context } from '../http/route.ts'
import type { AccountTexts } from '../locales/account/en.ts'
import { accountTexts } from '../locales/account-words.ts'
import { type Locale, localeOf } from '../pages/page-language.ts'

/** The language of an account page, with the words of all pages and of these. */
export interface AccountLocale extends Locale {
  readonly own: AccountTexts
}

export function accountLocaleOf(context: Context, chosen?: string | null): AccountLocale {
  const locale = localeOf(context, chosen)
  return { ...locale, own: accountTexts[locale.language] }
}
