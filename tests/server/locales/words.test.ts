import { expect, test } from 'vitest'
import { type Language, languages } from '../../../server/locales/language.ts'
import { localeIn } from '../../../server/locales/locale.ts'

/** Other words for what has one already; the fixed labels of the issuers are none. */
const strange: Readonly<Record<Language, readonly RegExp[]>> = {
  en: [
    /\bsign(s|ed|ing)?[ -](in|out|off)\b(?! with \$\{issuer\}`)/i,
    /\blog(ged|ging)? off\b/i,
    /\b(is not answering|not respond)/i,
    /\be-mail/i,
  ],
  de: [/\b(ein|aus)(ge)?logg/i, /\b(Login|Logout)\b/, /\b(reagiert|meldet sich) nicht\b/i, /(?<!E-)\bMail/],
  es: [
    /\b(des)?conect(ar|ad|e)/i,
    /\blogue/i,
    /\bintroduzca/i,
    /\bno (está respondiendo|contesta)\b/i,
    /\be-?mail/i,
  ],
  fr: [
    /\bidentifi/i,
    /\b(ouvr|ferm)\w+ (la|une|votre) session\b/i,
    /\bentrez\b/i,
    /\bn’est pas en train de répondre/i,
  ],
}

/** Every text with its name; one that is made of something as it is written, all its cases. */
function* textsIn(texts: object, name: string): Generator<readonly [name: string, text: string]> {
  for (const [key, text] of Object.entries(texts)) {
    const path = `${name}.${key}`
    if (typeof text === 'object') yield* textsIn(text, path)
    else yield [path, String(text)]
  }
}

test.each(languages)('W2.12 pages and mails have one word for one thing: %s', (language) => {
  const texts = [...textsIn(localeIn(language).texts, language)]
  expect(texts.length).toBeGreaterThan(250)
  const found = texts.filter(([, text]) => strange[language].some((word) => word.test(text)))
  expect(found).toEqual([])
})
