/** What the key of a program is good for: placing calls, provisioning accounts, or reading how the server fares. */
export const keyScopes = ['calls', 'scim', 'metrics'] as const

export type KeyScope = (typeof keyScopes)[number]
