import fc from 'fast-check'

/** Something that goes wrong, or right again, at a moment. */
export interface Happening {
  /** Milliseconds after the one before. */
  readonly after: number
  readonly what: What
}

export type What =
  | { readonly kind: 'cut'; readonly toServer: boolean; readonly toDevice: boolean; readonly lasts: number }
  /** The network goes, and the browser says so. */
  | { readonly kind: 'unplug'; readonly lasts: number }
  | { readonly kind: 'crash'; readonly lasts: number }
  | { readonly kind: 'hang'; readonly lasts: number }
  | { readonly kind: 'sleep'; readonly lasts: number; readonly countedByMono: boolean }
  | { readonly kind: 'set-wall'; readonly by: number }
  | { readonly kind: 'kill' }
  | { readonly kind: 'revoke'; readonly lasts: number }
  | { readonly kind: 'lose-storage'; readonly lasts: number }
  | { readonly kind: 'miss-ring' }
  | { readonly kind: 'drop-lines' }
  | { readonly kind: 'say-offline'; readonly lasts: number }

export interface Schedule {
  readonly happenings: readonly Happening[]
  readonly seed: number
  /** The longest one-way delay of the network, in milliseconds. */
  readonly longestDelay: number
  /** How fast each side's monotonic clock runs. */
  readonly deviceRate: number
  readonly serverRate: number
}

const hour = 3_600_000
const lasts = fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 90_000 }))
const kind = <K extends What['kind']>(value: K) => fc.constant(value)

const what: fc.Arbitrary<What> = fc.oneof(
  fc
    .record({ kind: kind('cut'), toServer: fc.boolean(), toDevice: fc.boolean(), lasts })
    .filter(({ toServer, toDevice }) => toServer || toDevice),
  fc.record({ kind: kind('unplug'), lasts }),
  fc.record({ kind: kind('crash'), lasts }),
  fc.record({ kind: kind('hang'), lasts }),
  fc.record({ kind: kind('sleep'), lasts, countedByMono: fc.boolean() }),
  fc.record({
    kind: kind('set-wall'),
    by: fc.oneof(fc.constantFrom(-hour, hour), fc.integer({ min: -60_000, max: 60_000 })),
  }),
  fc.record({ kind: kind('kill') }),
  fc.record({ kind: kind('revoke'), lasts }),
  fc.record({ kind: kind('lose-storage'), lasts }),
  fc.record({ kind: kind('miss-ring') }),
  fc.record({ kind: kind('drop-lines') }),
  fc.record({ kind: kind('say-offline'), lasts }),
)

const after = fc.oneof(fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 0, max: 40_000 }))
/** Real quartz drifts by 0.01 %; half a percent leaves no doubt. */
const rate = fc.double({ min: 0.995, max: 1.005, noNaN: true })

/** Schedules of up to a dozen faults, which overlap as they like. */
export const schedules: fc.Arbitrary<Schedule> = fc.record({
  happenings: fc.array(fc.record({ after, what }), { maxLength: 12 }),
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  longestDelay: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 6_000 })),
  deviceRate: rate,
  serverRate: rate,
})
