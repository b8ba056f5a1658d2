/** A sign-in at the issuer that came back, and will not be taken again. What is under way is in its browser alone. */
export interface IssuerFlowTable {
  /** Of the state that the issuer gave back. */
  hash: string
  /** The known browser or the address that it is counted by. */
  by: string
  endedAt: number
  /** Whether somebody was let in; 0 or 1. */
  succeeded: number
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
