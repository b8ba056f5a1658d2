import type { Context } from '../http/route.ts'
import type { PageTexts } from '../locales/pages/en.ts'

/** Says politely when to come back. @param retryAfter seconds, also told by the header of that name. */
export function tooOften(context: Context, words: PageTexts, retryAfter: number): string {
  context.header('Retry-After', String(retryAfter))
  return words.tooOften(Math.ceil(retryAfter / 60))
}
