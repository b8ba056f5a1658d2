import type { Request } from '../http/route.ts'
import { deadEndPage } from './notice-page.ts'
import { languageOf } from './page-language.ts'
import { showPage } from './show-page.ts'

/** What a person sees of a fault that nobody foresaw: nothing of its inside. */
export function failedPage(request: Request) {
  const said = languageOf(request)
  const { failedTitle: title, failed: words } = said.words.trouble
  return showPage(request, deadEndPage(said, { title, words }), 500)
}
