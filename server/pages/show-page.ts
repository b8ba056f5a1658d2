import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Context } from '../http/route.ts'
import type { Html } from './layout.ts'

/** Forms go to ourselves, and the one script is our own file. */
const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Answers with a page whose script makes it livelier. Nobody learns from where its reader came. */
export function showLivelyPage(context: Context, page: Html, status: ContentfulStatusCode = 200) {
  context.header('Content-Security-Policy', policy)
  return context.html(page, status)
}

/**
 * Answers with a page that has a form. Other sites learn nothing of its address, and our own server no more
 * than the origin: it needs that much to know its own forms, and a token may stand in the rest.
 */
export function showPage(context: Context, page: Html, status: ContentfulStatusCode = 200) {
  context.header('Referrer-Policy', 'strict-origin')
  return showLivelyPage(context, page, status)
}
