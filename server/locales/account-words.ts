import { accountInGerman } from './account/de.ts'
import { type AccountTexts, accountInEnglish } from './account/en.ts'
import { accountInSpanish } from './account/es.ts'
import { accountInFrench } from './account/fr.ts'
import type { Language } from './language.ts'

export const accountTexts: Record<Language, AccountTexts> = {
  en: accountInEnglish,
  de: accountInGerman,
  es: accountInSpanish,
  fr: accountInFrench,
}
