import type { Json } from '../json.ts'

/**
 * Messages by subject, to whoever serves a person, wherever that is. Handlers get a copy of the payload, never the
 * sender's own object. A subject is words of `A–Z a–z 0–9 _ -` with dots between.
 *
 * A bus that is lost carries nothing, and keeps nothing for later: what was said then is never heard.
 */
export interface Bus {
  /** @returns a function that ends the subscription at once. */
  subscribe(subject: string, handler: Handler): () => void
  /**
   * Asks every subscriber of `subject`. The asking begins with the call, not with the first look at the replies.
   *
   * @param within milliseconds after which no further reply is waited for.
   * @returns the replies, each as it comes. They end at once when nobody subscribes, and at the latest with `within`; a
   *   handler that fails or answers `undefined` has nothing to say. Over NATS nobody knows how many there are, so there
   *   they end with `within` even if all have answered: whoever needs one reply, or a few, stops reading. A bus that is
   *   lost throws BusLost, after the replies that came before.
   * @throws RangeError when the payload is larger than 256 kB.
   */
  request(subject: string, payload: Json, options: { readonly within: number }): AsyncIterable<Json>
  /** Tells every subscriber, waiting for none. Lost buses tell nobody. @throws as `request` does at once. */
  publish(subject: string, payload: Json): void
  /**
   * Resolves once every subscription that was made so far is in force: what is published from then on at the same server
   * of NATS is heard, and at another of its cluster once the link between the two has told. Where the bus is lost it
   * resolves too, for then nobody hears anything. Never rejects.
   */
  flush(): Promise<void>
  /** Whether messages get through, as far as is known now. */
  readonly isConnected: boolean
  /** Hears each time that the bus is lost (`false`) or is there again. @returns what ends it. */
  onConnection(listener: (isConnected: boolean) => void): () => void
  /** Ends every subscription, and takes no further message. */
  close(): Promise<void>
}

export type Handler = (payload: Json) => Promise<Json | undefined> | Json | undefined

/** Nobody was asked: the bus cannot be reached. */
export class BusLost extends Error {
  override readonly name = 'BusLost'
}

/** Waits until the replies end. @throws what the request throws. */
export async function allReplies(replies: AsyncIterable<Json>): Promise<Json[]> {
  const all: Json[] = []
  for await (const reply of replies) all.push(reply)
  return all
}
