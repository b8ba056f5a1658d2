import type { Language } from './language.ts'
import { mailsInGerman } from './mails/de.ts'
import { type MailTexts, mailsInEnglish } from './mails/en.ts'
import { mailsInSpanish } from './mails/es.ts'
import { mailsInFrench } from './mails/fr.ts'

export const mailTexts: Record<Language, MailTexts> = {
  en: mailsInEnglish,
  de: mailsInGerman,
  es: mailsInSpanish,
  fr: mailsInFrench,
}
