import type { Request } from '../http/route.ts'
import type { AccountWords } from '../locales/account/en.ts'
import { accountWords } from '../locales/account-words.ts'
import { languageOf, type Said } from '../pages/page-language.ts'

/** The language of an account page, with the words of all pages and of these. */
export interface OwnSaid extends Said {
  readonly own: AccountWords
}

export function ownLanguageOf(request: Request, chosen?: string | null): OwnSaid {
  const said = languageOf(request, chosen)
  return { ...said, own: accountWords[said.language] }
}
