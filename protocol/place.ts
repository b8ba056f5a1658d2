import * as v from 'valibot'
import { nameError, normalizedName } from './display-name.ts'
import { id, instant, milliseconds, sequence } from './shapes.ts'

/**
 * What the page of a *place* and the server say to each other. A place is a public address, `/reach/:slug`, that says
 * whether one of its members can be reached now. Who comes there is a *visitor*; who presses Call there makes a *visit*,
 * which rings the members or waits in line until it ends in one way.
 */

/** In milliseconds. */
export const placeTiming = {
  /**
   * The light of a place is believed for no longer than this, whoever asked for it and however they keep it: so it ends
   * within 10 s after the last member has gone with a word. Each member's own lease ends it sooner (15 s after a heartbeat).
   */
  longestLight: 9_000,
  /** The page asks again so long after it asked. */
  askEvery: 4_000,
  /** An answer that takes longer is none. */
  answerWithin: 4_000,
  /** Whoever waits is there for so long: for the server from when their asking arrived, for the page from when it was sent. */
  leaseFor: 6_000,
  /** The server keeps an asking waiting for so long at most, until there is something to tell. */
  holdFor: 2_000,
  /** For the page an asking that is held takes no longer than this: else the next would come after the lease. */
  waitWithin: 3_000,
  /** A press of Call that takes longer is made again; the light is proven anew for it, by other nodes too. */
  visitWithin: 4_000,
  /** What was not answered is asked again so long after that was known. */
  againAfter: 500,
} as const

/**
 * Whether what rests on these numbers holds: the page has its next answer before the one before it is over; where an answer
 * is lost, whoever waits or has just called asks again within their lease; and a press ends in a sentence within 5 s.
 */
export const isSoundPlaceTiming = ({
  longestLight,
  askEvery,
  answerWithin,
  leaseFor,
  holdFor,
  waitWithin,
  visitWithin,
  againAfter,
}: Readonly<Record<keyof typeof placeTiming, number>>): boolean =>
  askEvery + answerWithin < longestLight &&
  longestLight < 10_000 &&
  holdFor + 1_000 <= waitWithin &&
  waitWithin + againAfter + 1_000 < leaseFor &&
  visitWithin + againAfter + 1_000 < leaseFor &&
  visitWithin < 5_000

/** As it stands in addresses. */
export const slug = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/,
    'A place is named by 1 to 48 letters a–z, digits and hyphens.',
  ),
)

/** In code points: of a place, and of whoever visits it; both together are what a call is shown by. */
export const longestPlaceName = 40
export const longestVisitorName = 50

/** A message that is left, and how it can be answered, in characters; and its lines, each of which is marked. */
export const longestLeft = 2_000
export const mostLinesLeft = 500
export const longestWayBack = 200

/**
 * `GET /api/places/{slug}`. `reachable`: a call that is placed now rings a member at once. `busy`: members are there, and
 * none can take a call now. `closed`: nobody can be reached. `unknown`: that cannot be known. `validFor`: for so many
 * milliseconds from when it was asked it is so; ask again before that, or say nothing of it.
 */
export const placeLight = v.object({
  slug: v.string(),
  name: v.string(),
  state: v.picklist(['reachable', 'busy', 'closed', 'unknown']),
  validFor: milliseconds,
  /** How many visitors wait in line. */
  waiting: sequence,
  /**
   * Of `closed`: whether it is by the hours of the place, because nobody is there, by whoever runs it, or because browsers
   * give neither camera nor microphone at the server's address, so that no call can lead to a conversation.
   */
  why: v.nullable(v.picklist(['hours', 'nobody', 'shut', 'no-room'])),
  /** When its hours begin next, where they are why it is closed and that is within a week. */
  opensAt: v.nullable(instant),
  /** When this was found, by the server's clock. */
  at: instant,
})

/** By what a light is told in a sentence, of those texts of a place's page that tell one. */
export function lightText({ state, why }: Pick<PlaceLight, 'state' | 'why'>) {
  if (state !== 'closed') return state
  // For whoever looks it is the same: the place takes no calls.
  return why === 'no-room' ? 'shut' : (why ?? 'nobody')
}

/** What a visitor is called. One that is no name is refused as it is typed. */
export const visitorName = v.pipe(
  v.string(),
  v.transform(normalizedName),
  v.check((name) => nameError(name) === undefined && [...name].length <= longestVisitorName),
)

/** A puzzle that a browser solves while much is asked for at once, and its solution; see `altcha-lib`. */
export const proofText = v.pipe(v.string(), v.maxLength(4_000))

/** `POST /api/places/{slug}/visits`. `key` is the page's own id of the visit: it makes one. */
export const visitRequest = v.object({
  name: visitorName,
  key: v.pipe(id, v.minLength(16)),
  proof: v.optional(proofText),
})

/** How a visit stands. The last of these are for good. */
export const visitStates = [
  /** In line. */
  'queued',
  /** Members are being asked, or ring. */
  'calling',
  'answered',
  'declined',
  /** It rang, and nobody answered; or the visitor has waited for as long as anybody may. */
  'unanswered',
  /** Nobody could be reached after all. */
  'unreachable',
  /** The visitor hung up. */
  'cancelled',
  /** Nothing was heard of the visitor's page for the length of their lease. */
  'left',
] as const

export const visitView = v.object({
  id: v.string(),
  state: v.picklist(visitStates),
  /** While `queued`: 1 for who is next; null where that is not known. */
  position: v.nullable(sequence),
  /** While `calling`: on how many members' devices it rings now, counted by members. */
  ringing: sequence,
  /** Of `answered`: where the two meet, for this visitor alone. */
  room: v.nullable(v.string()),
  /** Another one for each way in which it can stand. */
  standing: v.string(),
})

/** What is answered to whoever presses Call. */
export const visitAnswer = v.variant('kind', [
  /** `secret` is what the page shows to be the visitor's. */
  v.object({ kind: v.literal('visiting'), secret: v.string(), visit: visitView }),
  /** Nothing rings, and nobody waits: as the light says. */
  v.object({ kind: v.literal('not-now'), light: placeLight }),
  /** Nobody else is taken into the line. */
  v.object({ kind: v.literal('full'), light: placeLight }),
  /** So many are asking that each has to show some work first. */
  v.object({ kind: v.literal('prove'), challenge: v.string() }),
  /** Members have asked that nothing is passed on from where this visitor is. */
  v.object({ kind: v.literal('blocked') }),
  /** No call can lead to a conversation at this server's address: browsers give no camera or microphone there. */
  v.object({ kind: v.literal('no-room') }),
])

/** `POST /api/visits/{id}/wait`: the visitor is here, and wants to know as soon as it stands otherwise than `seen`. */
export const waitRequest = v.object({
  secret: v.pipe(v.string(), v.maxLength(200)),
  seen: v.nullable(v.pipe(v.string(), v.maxLength(100))),
})

/**
 * `POST /api/visits/{id}/end`: the visitor is there no more. `hungUp`: because they pressed Hang up, and so come into no room;
 * that of a visit which was answered meanwhile is over by that. A page that only goes says nothing of a room: it may be on its
 * way there.
 */
export const endVisitRequest = v.object({
  secret: v.pipe(v.string(), v.maxLength(200)),
  hungUp: v.optional(v.boolean()),
})

export type PlaceLight = v.InferOutput<typeof placeLight>
export type VisitView = v.InferOutput<typeof visitView>
export type VisitState = VisitView['state']
export type VisitAnswer = v.InferOutput<typeof visitAnswer>
