import type { Context, Route } from '../http/route.ts'
import { readText, TooLong } from '../http/text-body.ts'
import type { Locale } from '../locales/locale.ts'
import { deadEndPage, type Notice } from './layout.ts'
import { localeOf } from './locale-of.ts'
import { showPage } from './show-page.ts'

/** Room for a few fields in which every character is written as nine, in bytes. */
const longestForm = 131_072

/** What was sent with a form; a field that was not sent is empty. */
export interface Form {
  get(name: string): string
}

/** Where a request says that it comes from; see "Fetch Metadata Request Headers" (W3C). */
export interface RequestSource {
  readonly site: string | undefined
  readonly origin: string | undefined
}

/**
 * Whether a form was sent from a page of our own: other sites can send forms too, but cannot lie about
 * being another site. A browser that says nothing about the site says at least its origin, which must be one of
 * ours: `Host` is what any name that leads here makes of it.
 */
export const isOwnForm = ({ site, origin }: RequestSource, serverOrigins: readonly string[]): boolean =>
  site === undefined ? origin !== undefined && serverOrigins.includes(origin) : site === 'same-origin'

/** A route that takes a form of one of our own pages. Whatever else is sent to it is refused in plain words. */
export const formRoute = (
  path: string,
  serverOrigins: () => readonly string[],
  handle: (context: Context, form: Form) => Response | Promise<Response>,
): Route => ({
  method: 'POST',
  path,
  admits: 'anyone',
  async handle(context) {
    const locale = localeOf(context)
    const { trouble } = locale.texts.pages
    const source = {
      site: context.req.header('sec-fetch-site'),
      origin: context.req.header('origin'),
    }
    const type = context.req.header('content-type') ?? ''
    if (!isOwnForm(source, serverOrigins()) || !/^application\/x-www-form-urlencoded\b/i.test(type))
      return refuse(context, locale, { title: trouble.strangeTitle, text: trouble.strange }, 403)
    try {
      const fields = new URLSearchParams(await readText(context, longestForm))
      return await handle(context, { get: (name) => fields.get(name) ?? '' })
    } catch (error) {
      if (!(error instanceof TooLong)) throw error
      return refuse(context, locale, { title: trouble.tooLargeTitle, text: trouble.tooLarge }, 413)
    }
  },
})

function refuse(context: Context, locale: Locale, notice: Notice, status: 403 | 413) {
  const action = { label: locale.texts.pages.trouble.anew, href: context.req.path }
  return showPage(context, deadEndPage(locale, { ...notice, action }), status)
}

/** Says politely when to come back, in words and in `Retry-After`. @param wait in ms. */
export function tooOften(context: Context, { texts }: Locale, wait: number): string {
  context.header('Retry-After', String(Math.ceil(wait / 1_000)))
  return texts.pages.tooOften(Math.ceil(wait / 60_000))
}
