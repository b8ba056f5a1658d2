import type { Json } from '../json.ts'

/**
 * Messages by subject, to whoever serves a person, wherever that is. Handlers get a copy of the payload, never the
 * sender's own object. A subject is words of `A–Z a–z 0–9 _ -` with dots between.
 */
export interface Bus {
  /** @returns a function that ends the subscription at once. */
  subscribe(subject: string, handler: Handler): () => void
  /**
   * Asks every subscriber of `subject` and gathers what they reply, in any order.
   *
   * @param within milliseconds after which only what has come by then is returned.
   * @returns at once and empty when nobody subscribes; a handler that fails or answers `undefined`
   *   counts as having nothing to say.
   */
  request(subject: string, payload: Json, options: { readonly within: number }): Promise<Json[]>
  /** Tells every subscriber, waiting for none. */
  publish(subject: string, payload: Json): void
}

export type Handler = (payload: Json) => Promise<Json | undefined> | Json | undefined
