import fc from 'fast-check'

/** Something that goes wrong, or right again, at a moment. */
export interface ScheduleStep {
  /** Milliseconds after the one before. */
  readonly after: number
  /** Which device it concerns, and which node, of those there are (its number modulo theirs). */
  readonly device: number
  readonly event: ScheduledEvent
}

/** The steps by which a connection comes about and is proven. */
export const handshakeSteps = [
  'opened',
  'challenged',
  'said-hello',
  'welcomed',
  'said-heartbeat',
  'leased',
] as const
export type HandshakeStep = (typeof handshakeSteps)[number]

export type ScheduledEvent =
  | { readonly kind: 'cut'; readonly toServer: boolean; readonly toDevice: boolean; readonly lasts: number }
  /** The connection of now dies in silence for good, as when a router forgets it; new ones work. */
  | { readonly kind: 'swallow' }
  /** The network goes, and the browser says so. */
  | { readonly kind: 'unplug'; readonly lasts: number }
  | { readonly kind: 'crash'; readonly lasts: number }
  | { readonly kind: 'hang'; readonly lasts: number }
  /** The server takes up to `by` ms over each hello and each heartbeat, and deals with them in any order. */
  | { readonly kind: 'slow'; readonly by: number; readonly lasts: number }
  | { readonly kind: 'sleep'; readonly lasts: number; readonly countedByMono: boolean }
  | { readonly kind: 'set-wall'; readonly by: number }
  | { readonly kind: 'kill' }
  /** The worker is killed at the next such step of its, if one comes meanwhile. */
  | { readonly kind: 'kill-at'; readonly step: HandshakeStep; readonly lasts: number }
  | { readonly kind: 'revoke'; readonly lasts: number }
  | { readonly kind: 'lose-storage'; readonly lasts: number }
  | { readonly kind: 'miss-ring' }
  /** The server asks its devices to connect anew, and takes them itself: a drain whose end never comes. */
  | { readonly kind: 'move' }
  /** A node goes away in order: devices are told to move, and whoever is still there is closed with it; another comes. */
  | { readonly kind: 'drain'; readonly lasts: number }
  /** A node has lost the bus: rings come through to none of its devices. */
  | { readonly kind: 'lose-bus'; readonly lasts: number }
  | { readonly kind: 'drop-connections' }
  | { readonly kind: 'say-offline'; readonly lasts: number }
  /** The device cannot read what its hello needs. */
  | { readonly kind: 'lose-own-storage'; readonly lasts: number }
  /** The server refuses every hello, as after a change of its address or of its version. */
  | { readonly kind: 'refuse'; readonly why: HelloRefusal; readonly lasts: number }
  /** A copy of the profile, as it is at this moment, lives on another machine for a while. */
  | { readonly kind: 'copy'; readonly lasts: number }
  | { readonly kind: 'try-now' }
  | { readonly kind: 'log-out'; readonly lasts: number }
  /** Somebody calls the person, and waits so many milliseconds for a device where none can be reached. */
  | { readonly kind: 'call'; readonly waitFor: number }
  /** The caller of the oldest call hangs up. */
  | { readonly kind: 'hang-up' }
  /** The person is invisible for a while. */
  | { readonly kind: 'hide'; readonly lasts: number }
  /** The person presses a button of the first call that their device shows. */
  | { readonly kind: 'press'; readonly button: 'answer' | 'decline' }

export type HelloRefusal = 'wrongAddress' | 'tooManyDevices' | 'protocolUnknown' | 'tooMany'

export interface Schedule {
  readonly steps: readonly ScheduleStep[]
  readonly seed: number
  /** How many devices the person has. */
  readonly devices: number
  /** How many nodes the service has; one unless said. */
  readonly nodes?: number
  /** Somebody has the person as a contact and watches, by a device that comes after theirs. */
  readonly isWatched?: boolean
  /** The longest one-way delay of the network, in milliseconds. */
  readonly longestDelay: number
  /** The same once all is mended, where that is another. */
  readonly longestDelayMended?: number
  /** The latest that a timer of a device fires, in milliseconds. */
  readonly latestTimer: number
  /** How fast each side's monotonic clock runs. */
  readonly deviceRate: number
  readonly serverRate: number
}

const hour = 3_600_000
const lasts = fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 90_000 }))
const kind = <K extends ScheduledEvent['kind']>(value: K) => fc.constant(value)

const faults: fc.Arbitrary<ScheduledEvent>[] = [
  fc
    .record({ kind: kind('cut'), toServer: fc.boolean(), toDevice: fc.boolean(), lasts })
    .filter(({ toServer, toDevice }) => toServer || toDevice),
  fc.record({ kind: kind('swallow') }),
  fc.record({ kind: kind('unplug'), lasts }),
  fc.record({ kind: kind('crash'), lasts }),
  fc.record({ kind: kind('hang'), lasts }),
  fc.record({ kind: kind('slow'), by: fc.integer({ min: 1, max: 12_000 }), lasts }),
  fc.record({ kind: kind('sleep'), lasts, countedByMono: fc.boolean() }),
  fc.record({
    kind: kind('set-wall'),
    by: fc.oneof(fc.constantFrom(-hour, hour), fc.integer({ min: -60_000, max: 60_000 })),
  }),
  fc.record({ kind: kind('kill') }),
  fc.record({ kind: kind('kill-at'), step: fc.constantFrom(...handshakeSteps), lasts }),
  fc.record({ kind: kind('revoke'), lasts }),
  fc.record({ kind: kind('lose-storage'), lasts }),
  fc.record({ kind: kind('miss-ring') }),
  fc.record({ kind: kind('move') }),
  fc.record({ kind: kind('drain'), lasts }),
  fc.record({ kind: kind('lose-bus'), lasts }),
  fc.record({ kind: kind('drop-connections') }),
  fc.record({ kind: kind('say-offline'), lasts }),
  fc.record({ kind: kind('lose-own-storage'), lasts }),
  fc.record({
    kind: kind('refuse'),
    why: fc.constantFrom<HelloRefusal>('wrongAddress', 'tooManyDevices', 'protocolUnknown', 'tooMany'),
    lasts,
  }),
  fc.record({ kind: kind('copy'), lasts }),
  fc.record({ kind: kind('try-now') }),
  fc.record({ kind: kind('log-out'), lasts }),
]

const calling: fc.Arbitrary<ScheduledEvent>[] = [
  fc.record({
    kind: kind('call'),
    waitFor: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 1, max: 60 }).map((seconds) => seconds * 1_000),
    ),
  }),
  fc.record({ kind: kind('hang-up') }),
  fc.record({ kind: kind('press'), button: fc.constantFrom('answer', 'answer', 'decline') }),
]

const after = fc.oneof(fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 0, max: 40_000 }))
/** Real quartz drifts by 0.01 %; half a percent leaves no doubt. */
const rate = fc.double({ min: 0.995, max: 1.005, noNaN: true })

function schedulesOf(event: fc.Arbitrary<ScheduledEvent>): fc.Arbitrary<Schedule> {
  const steps = (maxLength: number) =>
    fc.array(fc.record({ after, device: fc.nat(2), event }), { maxLength, size: 'max' })
  return fc.record({
    steps: fc.oneof({ weight: 4, arbitrary: steps(12) }, { weight: 1, arbitrary: steps(30) }),
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    devices: fc.oneof(
      { weight: 4, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.integer({ min: 2, max: 3 }) },
    ),
    nodes: fc.integer({ min: 1, max: 2 }),
    longestDelay: fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 200 }) },
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 6_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
    ),
    latestTimer: fc.oneof(
      { weight: 3, arbitrary: fc.constant(40) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 1_000 }) },
    ),
    deviceRate: rate,
    serverRate: rate,
  })
}

/** Schedules of up to thirty faults, which overlap as they like, most of them of a dozen at most. */
export const schedules: fc.Arbitrary<Schedule> = schedulesOf(fc.oneof(...faults))

/** The same with calls among the faults, and what caller and callee do about them. */
export const callSchedules: fc.Arbitrary<Schedule> = schedulesOf(
  fc.oneof(fc.oneof(...faults), fc.oneof(...calling)),
)

/** The same with somebody who watches, and a person who hides from them now and then. */
export const watchedSchedules: fc.Arbitrary<Schedule> = schedulesOf(
  fc.oneof(
    { weight: faults.length, arbitrary: fc.oneof(...faults) },
    { weight: 2, arbitrary: fc.record({ kind: kind('hide'), lasts }) },
  ),
).map((schedule) => ({ ...schedule, isWatched: true }))
