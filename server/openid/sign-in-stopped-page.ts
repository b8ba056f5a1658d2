import type { Locale, Texts } from '../locales/locale.ts'
import { deadEndPage, type Html } from '../pages/layout.ts'

export type SignInStop = keyof Texts['pages']['signInStopped']['why']

/** Where a browser ends when there is no extension that could be told. */
export function signInStoppedPage(locale: Locale, stop: SignInStop): Html {
  const { why, advice } = locale.texts.pages.signInStopped
  return deadEndPage(locale, { ...why[stop], advice })
}
