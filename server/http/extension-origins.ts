import { builtInOrigins } from '../config.ts'

/**
 * Whether a browser's page or extension of this origin may talk to us. A request without an origin is no
 * browser's and passes: the origin is a filter against strange pages, the session is what admits.
 */
export function originFilter(extra: readonly string[]): (origin: string | undefined) => boolean {
  const exact = new Set([builtInOrigins.exact, ...extra])
  return (origin) => {
    if (origin === undefined) return true
    const lower = origin.toLowerCase()
    return exact.has(lower) || builtInOrigins.pattern.test(lower)
  }
}
