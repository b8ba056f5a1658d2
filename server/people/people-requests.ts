import type { PeopleRefusal, PeopleRequest, PeopleResult } from '../../protocol/people.ts'

/** The device that asks for something, and whose it is. */
export interface Asker {
  readonly userId: string
  readonly device: string
  readonly connection: string
}

/** What came of a request: what is `done` and `refused` to the device. */
export type Handled =
  | { readonly kind: 'done'; readonly result: PeopleResult }
  | {
      readonly kind: 'refused'
      readonly why: PeopleRefusal
      /** For people: what to do. */
      readonly message: string
      /** Seconds. */
      readonly retryAfter?: number
    }

export const done: Handled = { kind: 'done', result: { what: 'done' } }

export const refused = (why: PeopleRefusal, message: string, retryAfter?: number): Handled => ({
  kind: 'refused',
  why,
  message,
  ...(retryAfter !== undefined && { retryAfter }),
})

type RequestOf<What extends PeopleRequest['what']> = Extract<PeopleRequest, { what: What }>

/**
 * Does what is asked for, by its kind. Each part has some (`satisfies`, or named as `PeopleHandlers<'send' | 'read'>`), and
 * `compose.ts` joins them. What throws is answered `unavailable`, and asked again.
 */
export type PeopleHandlers<What extends PeopleRequest['what'] = PeopleRequest['what']> = {
  readonly [Kind in What]: (asker: Asker, request: RequestOf<Kind>) => Promise<Handled>
}
