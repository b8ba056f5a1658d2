import type { Generated, Selectable } from 'kysely'

/** A proof that was used, until it could be good no longer. */
export interface ProofTable {
  /** Of its key and its `jti`. */
  hash: string
  until: number
}

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

/** What ends a sign-in at the issuer, to be spent once by the device that began it. */
export interface SignInCodeTable {
  hash: string
  userId: string
  challenge: string
  madeAt: number
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

/** Only ever added to: the database refuses anything else. */
export interface AuditTable {
  id: Generated<number>
  at: number
  what: string
  /** The id of an account that was known at the time. */
  who: string | null
  /** A keyed hash of what was typed when nobody was known by it. */
  login: string | null
  address: string | null
  device: string | null
  label: string | null
  /** JSON without secrets. */
  detail: string
}

export type AuditRow = Selectable<AuditTable>
