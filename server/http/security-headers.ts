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

/** What names the sites that may frame it says so by its policy alone: the older header has no words for that. */
const mayBeFramed = (policy: string | null): boolean => /frame-ancestors (?!'none')/.test(policy ?? '')

export function securityHeaders(secure: boolean): MiddlewareHandler {
  const all = secure ? { ...headers, 'Strict-Transport-Security': 'max-age=31536000' } : headers
  return async (context, next) => {
    await next()
    const isFramed = mayBeFramed(context.res.headers.get('Content-Security-Policy'))
    for (const [name, value] of Object.entries(all))
      if (!context.res.headers.has(name) && !(isFramed && name === 'X-Frame-Options'))
        context.res.headers.set(name, value)
    if (!context.res.headers.has('Cache-Control')) context.res.headers.set('Cache-Control', 'no-store')
  }
}
