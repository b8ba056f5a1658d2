/**
 * How well the two see and hear each other; `nothing` where nothing of the other one's arrives, `unknown` before two looks,
 * and where nothing is sent either way and nothing tells how it would be.
 */
export type Quality = 'unknown' | 'good' | 'fair' | 'poor' | 'nothing'

/** Whether new pictures of the other one come; `unknown` where none has to, or nobody has looked twice. */
export type Motion = 'unknown' | 'moving' | 'still'

/** What is counted of a peer connection, at one look at its statistics. */
export interface Look {
  /** Ms of the browser's clock. */
  readonly at: number
  readonly packets: number
  readonly lost: number
  /** Samples of sound that were played, and of these those that were made up for what did not arrive. */
  readonly samples: number
  readonly concealed: number
  readonly frames: number
  /** What came by the way at all, their browser's answers too: while nothing is sent either way those alone come. */
  readonly arrived: number
  /** The share of what is sent that did not arrive there, as the other one's browser told of late: 0 to 1. */
  readonly lostThere: number
  /** There and back, in ms; null where nothing was measured. */
  readonly roundTrip: number | null
  /** Whether it goes by a relay. */
  readonly relayed: boolean
}

const number = (value: unknown): number => (typeof value === 'number' ? value : 0)

type Stats = Readonly<Record<string, unknown>>

/**
 * What the other one's browser told longer ago says nothing of now, in ms: of sound it tells every five seconds, and of a line
 * on which nothing is sent never again.
 */
const toldFor = 12_000

/** What https://www.w3.org/TR/webrtc-stats/ names, as far as a browser has it. */
export function readLook(report: Iterable<readonly [string, Stats]>): Look {
  const all = new Map(report)
  const inbound = [...all.values()].filter(({ type }) => type === 'inbound-rtp')
  const sum = (name: string) => inbound.reduce((total, stats) => total + number(stats[name]), 0)
  const pair = selectedPair(all)
  const at = Math.max(0, ...[...all.values()].map(({ timestamp }) => number(timestamp)))
  // The timestamp of these is when they came.
  const told = [...all.values()].filter(
    ({ type, timestamp }) => type === 'remote-inbound-rtp' && at - number(timestamp) <= toldFor,
  )
  // Of the pair itself not every browser tells it.
  const roundTrips = [pair?.currentRoundTripTime, ...told.map(({ roundTripTime }) => roundTripTime)]
  const roundTrip = roundTrips.find((seconds) => typeof seconds === 'number')
  const local = all.get(String(pair?.localCandidateId))
  const remote = all.get(String(pair?.remoteCandidateId))
  return {
    at,
    packets: sum('packetsReceived'),
    lost: sum('packetsLost'),
    samples: sum('totalSamplesReceived'),
    concealed: sum('concealedSamples') - sum('silentConcealedSamples'),
    frames: sum('framesDecoded'),
    arrived: sum('packetsReceived') + number(pair?.responsesReceived),
    lostThere: Math.max(0, ...told.map(({ fractionLost }) => number(fractionLost))),
    roundTrip: roundTrip === undefined ? null : number(roundTrip) * 1_000,
    relayed: [local, remote].some((candidate) => candidate?.candidateType === 'relay'),
  }
}

function selectedPair(all: ReadonlyMap<string, Stats>): Stats | undefined {
  const transport = [...all.values()].find(({ type }) => type === 'transport')
  const named = all.get(String(transport?.selectedCandidatePairId))
  // Firefox names none in the transport, and marks the pair.
  return (
    named ??
    [...all.values()].find(
      ({ type, selected, nominated, state }) =>
        type === 'candidate-pair' && (selected === true || (nominated === true && state === 'succeeded')),
    )
  )
}

/** Above which a call is hard to follow, and above which one notices. */
const limits = {
  poor: { lost: 0.08, concealed: 0.15, roundTrip: 600 },
  fair: { lost: 0.02, concealed: 0.04, roundTrip: 300 },
} as const

/** @param expects whether the other one sends anything now that has to arrive. */
export function qualityBetween(before: Look | null, now: Look, expects: boolean): Quality {
  if (!before || now.at <= before.at) return 'unknown'
  const packets = now.packets - before.packets
  if (packets <= 0 && expects) return 'nothing'
  // Of a line on which nobody says anything its time there and back tells enough.
  if (packets <= 0 && now.roundTrip === null) return 'unknown'
  const lost = Math.max(0, now.lost - before.lost)
  const samples = now.samples - before.samples
  const shares = {
    lost: Math.max(packets > 0 ? lost / (packets + lost) : 0, now.lostThere),
    concealed: samples > 0 ? Math.max(0, now.concealed - before.concealed) / samples : 0,
    roundTrip: now.roundTrip ?? 0,
  }
  const exceeds = (most: (typeof limits)[keyof typeof limits]) =>
    shares.lost > most.lost || shares.concealed > most.concealed || shares.roundTrip > most.roundTrip
  return exceeds(limits.poor) ? 'poor' : exceeds(limits.fair) ? 'fair' : 'good'
}

/** @param expects whether the other one showed something that moves, at both looks. */
export function motionBetween(before: Look | null, now: Look, expects: boolean): Motion {
  if (!before || now.at <= before.at) return 'unknown'
  // Fewer are those of a line that began anew.
  if (now.frames !== before.frames) return 'moving'
  return expects ? 'still' : 'unknown'
}
