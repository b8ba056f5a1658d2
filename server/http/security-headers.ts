import type { MiddlewareHandler } from 'hono'

/** Unless it says otherwise, an answer has no scripts and no forms, loads nothing, and is shown in nobody's frame. */
const headers: Record<string, string> = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}

export function securityHeaders(secure: boolean): MiddlewareHandler {
  const all = secure ? { ...headers, 'Strict-Transport-Security': 'max-age=31536000' } : headers
  return async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(all))
      if (!context.res.headers.has(name)) context.res.headers.set(name, value)
    if (!context.res.headers.has('Cache-Control')) context.res.headers.set('Cache-Control', 'no-store')
  }
}
