import type { Message, PeopleRefusal } from '../../../protocol/people.ts'
import type { Instant } from '../clocks.ts'
import type { OutboxEntry } from './account-threads.ts'

/**
 * What is to be said of messages, as a value: those that were written here and that the server may not have, and how far
 * threads were read. It knows no storage, socket or clock.
 *
 * Of one thread one message is under way at a time: what was written first is the server's first, whatever gets lost.
 */
export interface OutboxState {
  /** What an earlier worker left is known: before that nothing is said, since it would be said before what is older. */
  readonly isRestored: boolean
  /** What the server has not acknowledged, in the order in which it was written. */
  readonly entries: readonly OutboxEntry[]
  /** How far threads were read, by contact, where the server may not know. */
  readonly reads: ReadonlyMap<string, number>
  readonly link: Link | null
  /** No more is said before this moment, monotonic ms: the server asked for that, or could not do what was asked. */
  readonly pausedUntil: number
  /** How often in a row the server could not. */
  readonly failures: number
  /** A leaky bucket of what was said, at the moment `at`, monotonic ms. */
  readonly level: number
  readonly at: number
}

/** The connection that is proven, and what was said on it and awaits its answer, by its subject. */
interface Link {
  readonly connection: number
  readonly said: ReadonlyMap<string, { readonly leases: number }>
}

/** One thing to say. */
export type Saying =
  | { readonly what: 'send'; readonly key: string; readonly contact: string; readonly text: string }
  | { readonly what: 'read'; readonly contact: string; readonly until: number }

export type SayingAnswer =
  | { readonly kind: 'sent'; readonly message: Message }
  | { readonly kind: 'done' }
  | {
      readonly kind: 'refused'
      readonly why: PeopleRefusal
      readonly message: string
      /** Seconds. */
      readonly retryAfter?: number | undefined
    }

export type OutboxEvent =
  /** What an earlier worker left. */
  | {
      readonly type: 'restored'
      readonly entries: readonly OutboxEntry[]
      readonly reads: ReadonlyMap<string, number>
    }
  /** It is written down, the first time or to go again. */
  | { readonly type: 'written'; readonly entry: OutboxEntry }
  | { readonly type: 'forgotten'; readonly key: string }
  | { readonly type: 'read'; readonly contact: string; readonly until: number }
  /** Their threads have them. */
  | { readonly type: 'arrived'; readonly keys: readonly string[] }
  /** A heartbeat of this connection was answered by a lease. */
  | { readonly type: 'leased'; readonly connection: number }
  /** What was said on this connection was answered. */
  | {
      readonly type: 'answered'
      readonly connection: number
      readonly saying: Saying
      readonly answer: SayingAnswer
    }
  /** It waited for so long that its person is to say whether it still goes. */
  | { readonly type: 'held'; readonly key: string }

export const emptyOutbox: OutboxState = {
  isRestored: false,
  entries: [],
  reads: new Map(),
  link: null,
  pausedUntil: 0,
  failures: 0,
  level: 0,
  at: 0,
}

/** So much is said at once, and then so much in a second, as a server takes it. */
const atOnce = 20
const perSecond = 1

/** A lease may answer a heartbeat that was sent before it. The one after it shows that what was said got no answer. */
const leasesWithoutAnswer = 2

/** After a failure of the server it is tried again in so long, in ms, and each time twice as long. */
const firstPause = 2_000
const longestPause = 30_000

/**
 * A server knows for at least a month which messages it was told, so that one that is told twice is there once. What
 * waited for longer than this, in ms, goes only if its person says so.
 */
export const heldAfter = 28 * 24 * 60 * 60_000

export function reduceOutbox(state: OutboxState, event: OutboxEvent, now: Instant): OutboxState {
  switch (event.type) {
    case 'restored':
      return {
        ...state,
        isRestored: true,
        entries: inOrder([...event.entries.filter(isWaiting), ...state.entries]),
        reads: joined(event.reads, state.reads),
      }
    case 'written':
      return isWaiting(event.entry)
        ? { ...unsaid(state, subjectOf(event.entry.key)), entries: inOrder([...state.entries, event.entry]) }
        : state
    case 'forgotten':
    case 'held':
      return without(state, [event.key])
    case 'arrived':
      return without(state, event.keys)
    case 'read':
      return { ...state, reads: joined(state.reads, new Map([[event.contact, event.until]])) }
    case 'leased':
      return { ...state, link: linkAfterLease(state.link, event.connection) }
    case 'answered':
      return answered(state, event, now)
  }
}

/** What is to be said at `now`, on the proven connection. */
export function sayOutbox(state: OutboxState, now: Instant): [OutboxState, readonly Saying[]] {
  const { link } = state
  if (!link || now.mono < state.pausedUntil) return [state, []]
  let level = levelAt(state, now)
  const said = new Map(link.said)
  const sayings: Saying[] = []
  for (const saying of due(state, now)) {
    if (level + 1 > atOnce) break
    level += 1
    said.set(subjectOfSaying(saying), { leases: 0 })
    sayings.push(saying)
  }
  if (sayings.length === 0) return [state, []]
  return [{ ...state, link: { ...link, said }, level, at: now.mono }, sayings]
}

/** After how many ms there is something to be said; null when nothing waits for time alone. */
export function waitToSayOutbox(state: OutboxState, now: Instant): number | null {
  if (!state.link || due(state, now).length === 0) return null
  const room = Math.ceil(((levelAt(state, now) + 1 - atOnce) / perSecond) * 1_000)
  return Math.max(0, room, state.pausedUntil - now.mono)
}

/** What has waited for too long to go by itself, at `now`. */
export const toHold = ({ entries }: OutboxState, now: Instant): readonly OutboxEntry[] =>
  entries.filter((entry) => isTooOld(entry, now))

const isTooOld = ({ at }: OutboxEntry, { wall }: Instant) => wall - at > heldAfter

const isWaiting = ({ n, refused }: OutboxEntry) => n === null && refused === null

const subjectOf = (key: string) => `message ${key}`
const subjectOfSaying = (saying: Saying) =>
  saying.what === 'send' ? subjectOf(saying.key) : `read ${saying.contact}`

/** What waits for no answer of its own thread: of each the first message, and how far it was read. */
function due(state: OutboxState, now: Instant): Saying[] {
  if (!state.isRestored) return []
  const said = state.link?.said
  const busy = new Set<string>()
  const sayings: Saying[] = []
  for (const entry of state.entries) {
    if (busy.has(entry.contact)) continue
    busy.add(entry.contact)
    const { key, contact, text } = entry
    if (!said?.has(subjectOf(key)) && !isTooOld(entry, now))
      sayings.push({ what: 'send', key, contact, text })
  }
  for (const [contact, until] of state.reads)
    if (!said?.has(`read ${contact}`)) sayings.push({ what: 'read', contact, until })
  return sayings
}

const levelAt = ({ level, at }: OutboxState, { mono }: Instant) =>
  Math.max(0, level - (Math.max(0, mono - at) / 1_000) * perSecond)

/** Each once, as it was written last, in the order of writing. */
const inOrder = (entries: readonly OutboxEntry[]): readonly OutboxEntry[] =>
  [...new Map(entries.map((entry) => [entry.key, entry])).values()].sort((a, b) => a.order - b.order)

function joined(reads: ReadonlyMap<string, number>, more: ReadonlyMap<string, number>) {
  const all = new Map(reads)
  for (const [contact, until] of more) all.set(contact, Math.max(until, all.get(contact) ?? 0))
  return all
}

function without(state: OutboxState, keys: readonly string[]): OutboxState {
  if (keys.length === 0) return state
  const entries = state.entries.filter(({ key }) => !keys.includes(key))
  return keys.reduce<OutboxState>((left, key) => unsaid(left, subjectOf(key)), { ...state, entries })
}

function unsaid(state: OutboxState, subject: string): OutboxState {
  if (!state.link?.said.has(subject)) return state
  const said = new Map(state.link.said)
  said.delete(subject)
  return { ...state, link: { ...state.link, said } }
}

function linkAfterLease(link: Link | null, connection: number): Link {
  if (link?.connection !== connection) return { connection, said: new Map() }
  const said = new Map<string, { leases: number }>()
  for (const [subject, { leases }] of link.said)
    if (leases + 1 < leasesWithoutAnswer) said.set(subject, { leases: leases + 1 })
  return { ...link, said }
}

function answered(
  state: OutboxState,
  { connection, saying, answer }: Extract<OutboxEvent, { type: 'answered' }>,
  now: Instant,
): OutboxState {
  // An answer is true on whichever connection it came; what is under way is so on the newest alone.
  const heard = state.link?.connection === connection ? unsaid(state, subjectOfSaying(saying)) : state
  if (answer.kind === 'refused' && isPassing(answer.why)) {
    const failures = state.failures + 1
    const pause = Math.min(firstPause * 2 ** (failures - 1), longestPause)
    const wait = answer.retryAfter === undefined ? pause : answer.retryAfter * 1_000
    return { ...heard, failures, pausedUntil: Math.max(state.pausedUntil, now.mono + wait) }
  }
  const well = { ...heard, failures: 0 }
  if (saying.what === 'send') return without(well, [saying.key])
  const { contact, until } = saying
  const reads = new Map(well.reads)
  // It may have been read further meanwhile.
  if ((reads.get(contact) ?? 0) <= until) reads.delete(contact)
  return { ...well, reads }
}

/** Whether asking again later may do. */
export const isPassing = (why: PeopleRefusal): boolean => why === 'unavailable' || why === 'too-many-attempts'
