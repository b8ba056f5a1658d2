import type { Language } from './language.ts'
import { pagesInGerman } from './pages/de.ts'
import { type PageWords, pagesInEnglish } from './pages/en.ts'
import { pagesInSpanish } from './pages/es.ts'
import { pagesInFrench } from './pages/fr.ts'

export const pageWords: Record<Language, PageWords> = {
  en: pagesInEnglish,
  de: pagesInGerman,
  es: pagesInSpanish,
  fr: pagesInFrench,
}
