import { chromiumId } from '../../protocol/extension.ts'

/** The Chromium id that every build but a store's has; Firefox gives each profile an id of its own. */
const builtInOrigins = {
  exact: `chrome-extension://${chromiumId}`,
  pattern: /^moz-extension:\/\/[0-9a-f-]{36}$/,
}

/** Whether an origin is some extension's, ours or not: no page that a site sends to a browser has such a one. */
export const isExtensionOrigin = (origin: string): boolean =>
  /^(?:chrome|moz)-extension:\/\/[0-9a-z-]+$/.test(origin)

/**
 * Whether a browser's page or extension of this origin may talk to us. A request without an origin is no
 * browser's and passes: the origin is a filter against strange pages, the session is what admits.
 */
export function extensionOriginFilter(extra: readonly string[]): (origin: string | undefined) => boolean {
  const exact = new Set([builtInOrigins.exact, ...extra])
  return (origin) => {
    if (origin === undefined) return true
    const lower = origin.toLowerCase()
    return exact.has(lower) || builtInOrigins.pattern.test(lower)
  }
}
