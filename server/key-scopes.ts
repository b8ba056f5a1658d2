/** What the key of a program is good for: each of these by itself, and a key may hold several. */
export const keyScopes = [
  /** Places calls, follows and cancels them. */
  'calls',
  /** Writes to people. */
  'messages',
  /** Asks whether people can be reached. */
  'presence',
  /** Says that a call is expected. */
  'expected-calls',
  /** Makes people contacts of each other. */
  'contacts',
  /** Has events sent to an address: those of the other scopes that it holds. */
  'webhooks',
  /** Provisions accounts. */
  'scim',
  /** Reads how the server fares. */
  'metrics',
] as const

export type KeyScope = (typeof keyScopes)[number]

export const isKeyScope = (text: string): text is KeyScope => keyScopes.some((scope) => scope === text)

/** Scopes as they are kept and told: in one order, with a space between (RFC 6749, 3.3). */
export const scopesText = (scopes: readonly KeyScope[]): string =>
  keyScopes.filter((scope) => scopes.includes(scope)).join(' ')

/** A scope that this version does not know opens nothing here. */
export const parseScopes = (text: string): KeyScope[] => text.split(' ').filter(isKeyScope)
