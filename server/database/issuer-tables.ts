/** A sign-in at the issuer that was begun. */
export interface IssuerFlowTable {
  /** Of the state that the issuer gives back. */
  hash: string
  /** Hash of what the browser that began it has in a cookie. */
  browser: string
  returnTo: string
  /** The extension's own, given back with the code. */
  state: string
  /** PKCE of the extension towards us. */
  challenge: string
  address: string
  madeAt: number
  endedAt: number | null
}

/** What was last taken from the issuer; where a person has something else now, they chose it. */
export interface IssuerProfileTable {
  userId: string
  name: string | null
  picture: string | null
  language: string | null
  /** The address that the issuer vouched for. */
  email: string | null
}
