/** What a request shows in its header `Authorization` (RFC 9110, section 11.6.2). */
export interface Authorization {
  readonly scheme: 'bearer' | 'dpop'
  readonly token: string
}

/** Longer than any key or token of ours. */
const longestToken = 512

/** @returns undefined when there is no such header, or one of another scheme or with something else in it. */
export function parseAuthorization(header: string | undefined): Authorization | undefined {
  const [, scheme, token] = /^(DPoP|Bearer) +(\S+)$/i.exec(header ?? '') ?? []
  if (token === undefined || token.length > longestToken) return undefined
  return { scheme: scheme?.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', token }
}

/** The key of a program, which comes as a mere bearer token. */
export function bearerToken(header: string | undefined): string | undefined {
  const authorization = parseAuthorization(header)
  return authorization?.scheme === 'bearer' ? authorization.token : undefined
}
