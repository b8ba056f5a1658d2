import type { Request } from '../http/route.ts'
import type { PageWords } from '../locales/pages/en.ts'

/** Says politely when to come back. @param retryAfter seconds, also told by the header of that name. */
export function tooOften(request: Request, words: PageWords, retryAfter: number): string {
  request.header('Retry-After', String(retryAfter))
  return words.tooOften(Math.ceil(retryAfter / 60))
}
