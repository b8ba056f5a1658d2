/** A mail that waits, in wall-clock ms. */
export interface Waiting {
  /** How often it has been tried, the present try among them. */
  readonly tries: number
  readonly nextAt: number | null
  readonly uselessAt: number
}

/** What a try came to. */
export type Outcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'transient' | 'permanent'; readonly why: string }
  /** What the mail was about has passed. */
  | { readonly kind: 'pointless' }

/** What is to be written down after a try. */
export type After =
  | { readonly kind: 'sent' }
  | { readonly kind: 'again'; readonly nextAt: number; readonly why: string }
  | { readonly kind: 'given-up'; readonly why: string }

const firstDelay = 1_000
export const longestDelay = 3_600_000

/** How long to wait after so many tries: a second, then twice as long each time, an hour at most. */
export const delayAfter = (tries: number): number =>
  Math.min(firstDelay * 2 ** Math.min(Math.max(tries, 1) - 1, 30), longestDelay)

/** Whether it is time to try. A clock that was set back makes no mail wait longer than the longest delay. */
export const isDue = ({ nextAt }: Waiting, now: number): boolean =>
  nextAt !== null && (nextAt <= now || nextAt - now > longestDelay)

/** What becomes of a mail by the outcome of a try that ended at `now`. */
export function afterTry(waiting: Waiting, outcome: Outcome, now: number): After {
  switch (outcome.kind) {
    case 'sent':
      return { kind: 'sent' }
    case 'pointless':
      return { kind: 'given-up', why: 'there was no point in it any more' }
    case 'permanent':
      return { kind: 'given-up', why: outcome.why }
    case 'transient': {
      const nextAt = now + delayAfter(waiting.tries)
      return nextAt < waiting.uselessAt
        ? { kind: 'again', nextAt, why: outcome.why }
        : { kind: 'given-up', why: `tried ${waiting.tries} times: ${outcome.why}` }
    }
  }
}
