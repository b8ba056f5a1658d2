import type { Language } from './language.ts'
import { pagesInGerman } from './pages/de.ts'
import { type PageTexts, pagesInEnglish } from './pages/en.ts'
import { pagesInSpanish } from './pages/es.ts'
import { pagesInFrench } from './pages/fr.ts'

export const pageTexts: Record<Language, PageTexts> = {
  en: pagesInEnglish,
  de: pagesInGerman,
  es: pagesInSpanish,
  fr: pagesInFrench,
}
