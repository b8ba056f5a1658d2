import type { Language } from './language.ts'
import { mailsInGerman } from './mails/de.ts'
import { type MailTexts, mailsInEnglish } from './mails/en.ts'
import { mailsInSpanish } from './mails/es.ts'
import { mailsInFrench } from './mails/fr.ts'
import { myAccountInGerman } from './my-account/de.ts'
import { type MyAccountTexts, myAccountInEnglish } from './my-account/en.ts'
import { myAccountInSpanish } from './my-account/es.ts'
import { myAccountInFrench } from './my-account/fr.ts'
import { pagesInGerman } from './pages/de.ts'
import { type PageTexts, pagesInEnglish } from './pages/en.ts'
import { pagesInSpanish } from './pages/es.ts'
import { pagesInFrench } from './pages/fr.ts'
import { placesInGerman } from './places/de.ts'
import { type PlaceTexts, placesInEnglish } from './places/en.ts'
import { placesInSpanish } from './places/es.ts'
import { placesInFrench } from './places/fr.ts'
import { roomInGerman } from './room/de.ts'
import { type RoomTexts, roomInEnglish } from './room/en.ts'
import { roomInSpanish } from './room/es.ts'
import { roomInFrench } from './room/fr.ts'

/** Whatever we say to people in one language. */
export interface Texts {
  readonly pages: PageTexts
  readonly room: RoomTexts
  readonly myAccount: MyAccountTexts
  readonly mails: MailTexts
  readonly places: PlaceTexts
}

export interface Locale {
  readonly language: Language
  readonly texts: Texts
}

const texts: Record<Language, Texts> = {
  en: {
    pages: pagesInEnglish,
    room: roomInEnglish,
    myAccount: myAccountInEnglish,
    mails: mailsInEnglish,
    places: placesInEnglish,
  },
  de: {
    pages: pagesInGerman,
    room: roomInGerman,
    myAccount: myAccountInGerman,
    mails: mailsInGerman,
    places: placesInGerman,
  },
  es: {
    pages: pagesInSpanish,
    room: roomInSpanish,
    myAccount: myAccountInSpanish,
    mails: mailsInSpanish,
    places: placesInSpanish,
  },
  fr: {
    pages: pagesInFrench,
    room: roomInFrench,
    myAccount: myAccountInFrench,
    mails: mailsInFrench,
    places: placesInFrench,
  },
}

export const localeIn = (language: Language): Locale => ({ language, texts: texts[language] })
