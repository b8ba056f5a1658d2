import { hostCookie } from '../http/host-cookie.ts'
import type { Context } from '../http/route.ts'
import type { MyAccountTexts } from '../locales/my-account/en.ts'

/** What a form of these pages has done. */
export type Done = keyof MyAccountTexts['done']

/**
 * What the next page says to be done. In a cookie that only our own answer sets, and that is read once: an address
 * could be led to by anybody, and would claim what nobody did.
 */
export interface DoneNotice {
  /** Back to the overview, which says so. */
  redirect(context: Context, done: Done): Response
  /** @returns what was done last, undefined when that was said already. */
  take(context: Context, texts: MyAccountTexts): Done | undefined
}

/** The page is asked for at once, or the notice is stale; seconds. */
const maxAge = 60

/** @param secure whether people reach us by https. */
export function createDoneNotice(secure: boolean): DoneNotice {
  const cookie = hostCookie({ secure, name: 'reachable-done', path: '/account' })
  return {
    redirect(context, done) {
      cookie.set(context, done, maxAge)
      return context.redirect('/account', 303)
    },
    take(context, { done: texts }) {
      const done = cookie.read(context)
      if (done === undefined) return undefined
      cookie.clear(context)
      return Object.hasOwn(texts, done) ? (done as Done) : undefined
    },
  }
}
