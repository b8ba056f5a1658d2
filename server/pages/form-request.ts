import { readText, TooLong } from '../http/read-text.ts'
import type { Request, Route } from '../http/route.ts'
import { deadEndPage } from './notice-page.ts'
import { languageOf, type Said } from './page-language.ts'
import { showPage } from './show-page.ts'

/** Room for a few fields in which every character is written as nine, in bytes. */
const longestForm = 131_072

/** What was sent with a form; a field that was not sent is empty. */
export interface Form {
  get(name: string): string
}

/** Where a request says that it comes from; see "Fetch Metadata Request Headers" (W3C). */
export interface Coming {
  readonly site: string | undefined
  readonly origin: string | undefined
  readonly host: string | undefined
}

/**
 * Whether a form was sent from a page of our own: other sites can send forms too, but cannot lie about
 * being another site. A browser that says nothing about the site says at least its origin.
 */
export function isOwnForm({ site, origin, host }: Coming, publicUrl: string): boolean {
  if (site !== undefined) return site === 'same-origin'
  if (origin === undefined || !URL.canParse(origin)) return false
  return origin === publicUrl || new URL(origin).host === host
}

/** A route that takes a form of one of our own pages. Whatever else is sent to it is refused in plain words. */
export const formRoute = (
  path: string,
  publicUrl: () => string,
  handle: (request: Request, form: Form) => Response | Promise<Response>,
): Route => ({
  method: 'POST',
  path,
  admits: 'anyone',
  async handle(request) {
    const said = languageOf(request)
    const { trouble } = said.words
    const coming = {
      site: request.req.header('sec-fetch-site'),
      origin: request.req.header('origin'),
      host: request.req.header('host'),
    }
    const type = request.req.header('content-type') ?? ''
    if (!isOwnForm(coming, publicUrl()) || !/^application\/x-www-form-urlencoded\b/i.test(type))
      return refusal(request, said, trouble.strangeTitle, trouble.strange, 403)
    try {
      const fields = new URLSearchParams(await readText(request, longestForm))
      return await handle(request, { get: (name) => fields.get(name) ?? '' })
    } catch (fault) {
      if (!(fault instanceof TooLong)) throw fault
      return refusal(request, said, trouble.tooLargeTitle, trouble.tooLarge, 413)
    }
  },
})

function refusal(request: Request, said: Said, title: string, words: string, status: 403 | 413) {
  const action = { label: said.words.trouble.anew, href: request.req.path }
  return showPage(request, deadEndPage(said, { title, words, action }), status)
}
