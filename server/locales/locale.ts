import { accountInGerman } from './account/de.ts'
import { type AccountTexts, accountInEnglish } from './account/en.ts'
import { accountInSpanish } from './account/es.ts'
import { accountInFrench } from './account/fr.ts'
import type { Language } from './language.ts'
import { mailsInGerman } from './mails/de.ts'
import { type MailTexts, mailsInEnglish } from './mails/en.ts'
import { mailsInSpanish } from './mails/es.ts'
import { mailsInFrench } from './mails/fr.ts'
import { pagesInGerman } from './pages/de.ts'
import { type PageTexts, pagesInEnglish } from './pages/en.ts'
import { pagesInSpanish } from './pages/es.ts'
import { pagesInFrench } from './pages/fr.ts'

/** Whatever we say to people in one language. */
export interface Texts {
  readonly pages: PageTexts
  readonly account: AccountTexts
  readonly mails: MailTexts
}

export interface Locale {
  readonly language: Language
  readonly texts: Texts
}

const texts: Record<Language, Texts> = {
  en: { pages: pagesInEnglish, account: accountInEnglish, mails: mailsInEnglish },
  de: { pages: pagesInGerman, account: accountInGerman, mails: mailsInGerman },
  es: { pages: pagesInSpanish, account: accountInSpanish, mails: mailsInSpanish },
  fr: { pages: pagesInFrench, account: accountInFrench, mails: mailsInFrench },
}

export const localeIn = (language: Language): Locale => ({ language, texts: texts[language] })
