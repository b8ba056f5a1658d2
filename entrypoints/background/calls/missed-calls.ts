import { undoFor } from '../../../messages/undo-for.ts'
import { type DeviceMessage, type MissedCall, mostListed } from '../../../protocol/connection.ts'
import type { Instant } from '../clocks.ts'

/**
 * The missed calls of a device, as a value: what the server told, what the person marked as seen or took back, and
 * what of that the server has not answered yet. It knows no storage, socket or clock.
 */
export interface MissedState {
  readonly content: MissedContent
  /** What the server has not answered yet, of the people who marked last on this device. */
  readonly marks: readonly AccountMarks[]
  readonly link: Link | null
  /** The number of the newest message that marked something. */
  readonly lastN: number
}

export interface MissedContent {
  /** Whose calls these are; null while the server has told of none. */
  readonly account: string | null
  /** The server's list, newest first. */
  readonly missed: readonly MissedCall[]
  /** Whether the server takes back what was marked as seen, and answers either. */
  readonly takesBack: boolean
  /** What was marked here last, and when, in wall-clock ms. */
  readonly seen: { readonly calls: readonly MissedCall[]; readonly at: number } | null
  /** What was taken back, while the server's list may not have it yet. */
  readonly back: readonly MissedCall[]
}

export type Mark = 'seen' | 'unseen'

export interface AccountMarks {
  readonly account: string
  /** By the id of the call, the oldest first. */
  readonly marks: ReadonlyMap<string, Mark>
}

/** The connection that works: what was said on it and awaits its answer, by the id of the call. */
interface Link {
  readonly connection: number
  readonly told: ReadonlyMap<string, { readonly n: number; readonly leases: number }>
  /** When marks were said last, monotonic ms. */
  readonly toldAt: number | null
}

export type MissedEvent =
  | {
      readonly type: 'welcomed'
      readonly account: string
      readonly missed: readonly MissedCall[]
      readonly takesBack: boolean
    }
  /** The server's list after a change, or as its answer to what was said with `n`. */
  | { readonly type: 'listed'; readonly missed: readonly MissedCall[]; readonly n: number | undefined }
  /** A heartbeat of this connection was answered by a lease. */
  | { readonly type: 'leased'; readonly connection: number }
  | { readonly type: 'marked'; readonly calls: readonly string[]; readonly as: Mark }
  /** Nobody is signed in. */
  | { readonly type: 'cleared' }

const noContent: MissedContent = {
  account: null,
  missed: [],
  takesBack: false,
  seen: null,
  back: [],
}
export const noneMissed: MissedState = { content: noContent, marks: [], link: null, lastN: 0 }

const mostMarks = 1_000

/** A device that several people share keeps the marks of so many of them, of those who marked last. */
const mostAccounts = 3

/** Marks are said at once, and further ones together, in ms: a server cuts off whoever says more than 30 frames in 10 s. */
const tellEvery = 2_000

/** A lease may answer a heartbeat that was sent before a mark. The one after it shows that the mark got no answer. */
const leasesWithoutAnswer = 2

export function reduceMissed(state: MissedState, event: MissedEvent, now: Instant): MissedState {
  const { content, link } = state
  switch (event.type) {
    case 'welcomed': {
      const { account, takesBack } = event
      const kept = content.account === account ? content : noContent
      const told = { ...state, content: { ...kept, account, takesBack }, link: null }
      return listed(told, event.missed, undefined)
    }
    case 'listed':
      return listed(state, event.missed, event.n)
    case 'leased':
      return { ...state, link: linkAfterLease(link, event.connection, content.takesBack) }
    case 'marked':
      return event.as === 'seen' ? markSeen(state, event.calls, now) : takeBack(state, event.calls)
    case 'cleared':
      // A copy, which is written down also where there was nothing: what is read late is older than this.
      return { ...state, content: { ...noContent }, link: null }
  }
}

export interface MissedView {
  /** Without those marked as seen, newest first. */
  readonly missed: readonly MissedCall[]
  /** What was marked as seen here and is not listed again, newest first. */
  readonly seen: MissedContent['seen']
}

export function viewOf({ content, marks }: MissedState): MissedView {
  const { account, seen } = content
  const theirs = marksOf(marks, account)
  const open = content.missed.filter(({ id }) => theirs.get(id) !== 'seen')
  const ids = new Set(open.map(({ id }) => id))
  const back = content.back.filter(({ id }) => theirs.get(id) === 'unseen' && !ids.has(id))
  const missed = back.length === 0 ? open : newestFirst([...open, ...back]).slice(0, mostListed)
  const shown = new Set(missed.map(({ id }) => id))
  const calls = seen?.calls.filter(({ id }) => !shown.has(id)) ?? []
  return { missed, seen: seen && calls.length > 0 ? { ...seen, calls } : null }
}

/** What is to be said of marks at `now`, on the connection that works. */
export function sayMarks(state: MissedState, now: Instant): [MissedState, readonly DeviceMessage[]] {
  const { link } = state
  const unsaid = unsaidMarks(state)
  if (!link || unsaid.length === 0 || waitToSay(state, now) !== 0) return [state, []]
  const messages: DeviceMessage[] = []
  const told = new Map(link.told)
  let n = state.lastN
  for (const type of ['seen', 'unseen'] as const) {
    const ids = unsaid.filter(([, mark]) => mark === type).map(([id]) => id)
    for (let from = 0; from < ids.length; from += mostListed) {
      const calls = ids.slice(from, from + mostListed)
      n += 1
      messages.push({ type, calls, n })
      for (const id of calls) told.set(id, { n, leases: 0 })
    }
  }
  return [{ ...state, lastN: n, link: { ...link, told, toldAt: now.mono } }, messages]
}

/** After how many ms there is something to be said; null when there is nothing. */
export function waitToSay(state: MissedState, now: Instant): number | null {
  const { link } = state
  if (!link || unsaidMarks(state).length === 0) return null
  return link.toldAt === null ? 0 : Math.max(0, link.toldAt + tellEvery - now.mono)
}

/** Marks that were kept, with those that were made since. */
export const joinMarks = (kept: readonly AccountMarks[], since: readonly AccountMarks[]) =>
  since.reduce((all, { account, marks }) => withMarks(all, account, marks), kept)

const noMarks: ReadonlyMap<string, Mark> = new Map()

const marksOf = (all: readonly AccountMarks[], account: string | null) =>
  all.find((theirs) => theirs.account === account)?.marks ?? noMarks

const unsaidMarks = ({ content, marks, link }: MissedState) =>
  [...marksOf(marks, content.account)].filter(([id]) => !link?.told.has(id))

/** The newest of a list, each once: no server of ours tells of more, or of one twice. */
const listOf = (missed: readonly MissedCall[]): readonly MissedCall[] => [
  ...new Map(missed.slice(0, mostListed).map((call) => [call.id, call])).values(),
]

const newestFirst = (calls: readonly MissedCall[]) => calls.toSorted((a, b) => b.at - a.at)

/** `all` with these marks of an account, newer than what it has of them. */
function withMarks(all: readonly AccountMarks[], account: string, newer: ReadonlyMap<string, Mark>) {
  const marks = new Map(marksOf(all, account))
  for (const [id, mark] of newer) {
    marks.delete(id)
    marks.set(id, mark)
  }
  return replaceMarks(all, account, new Map([...marks].slice(-mostMarks)))
}

function replaceMarks(
  all: readonly AccountMarks[],
  account: string,
  marks: ReadonlyMap<string, Mark>,
): readonly AccountMarks[] {
  const others = all.filter((theirs) => theirs.account !== account)
  return marks.size === 0 ? others : [...others, { account, marks }].slice(-mostAccounts)
}

/** Of the account of now, without the marks that are done. */
function withoutMarks(state: MissedState, done: (id: string, mark: Mark) => boolean): MissedState {
  const { content, marks, link } = state
  if (content.account === null) return state
  const before = marksOf(marks, content.account)
  const left = new Map([...before].filter(([id, mark]) => !done(id, mark)))
  if (left.size === before.size) return state
  const told = new Map([...(link?.told ?? [])].filter(([id]) => left.has(id)))
  return {
    ...state,
    marks: replaceMarks(marks, content.account, left),
    content: { ...content, back: content.back.filter(({ id }) => left.get(id) === 'unseen') },
    link: link && { ...link, told },
  }
}

function listed(before: MissedState, missed: readonly MissedCall[], n: number | undefined): MissedState {
  const state = { ...before, content: { ...before.content, missed: listOf(missed) } }
  if (state.content.takesBack)
    return n === undefined ? state : withoutMarks(state, (id) => state.link?.told.get(id)?.n === n)
  // An older server answers by its next list alone. A full one leaves out the oldest: what is not in it was perhaps not seen.
  const ids = new Set(missed.map(({ id }) => id))
  const full = missed.length >= mostListed
  return withoutMarks(state, (id, mark) => mark === 'unseen' || !(full || ids.has(id)))
}

function linkAfterLease(link: Link | null, connection: number, answers: boolean): Link {
  if (link?.connection !== connection) return { connection, told: new Map(), toldAt: null }
  if (!answers) return link
  const told = new Map<string, { n: number; leases: number }>()
  for (const [id, { n, leases }] of link.told)
    if (leases + 1 < leasesWithoutAnswer) told.set(id, { n, leases: leases + 1 })
  return { ...link, told }
}

/** Says it anew, also where the opposite was said before. */
function withMark(state: MissedState, calls: readonly MissedCall[], mark: Mark): MissedState {
  const { content, link } = state
  if (content.account === null || calls.length === 0) return state
  const newer = new Map(calls.map(({ id }) => [id, mark]))
  const told = new Map([...(link?.told ?? [])].filter(([id]) => !newer.has(id)))
  return {
    ...state,
    marks: withMarks(state.marks, content.account, newer),
    link: link && { ...link, told },
  }
}

function markSeen(state: MissedState, ids: readonly string[], { wall }: Instant): MissedState {
  const wanted = new Set(ids)
  const calls = viewOf(state).missed.filter(({ id }) => wanted.has(id))
  if (calls.length === 0) return state
  const marked = new Set(calls.map(({ id }) => id))
  const { seen, back } = state.content
  const earlier = seen && Math.abs(wall - seen.at) < undoFor ? seen.calls : []
  const joined = newestFirst([...calls, ...earlier.filter(({ id }) => !marked.has(id))])
  const content = {
    ...state.content,
    seen: { calls: joined.length > mostListed ? calls : joined, at: wall },
    back: back.filter(({ id }) => !marked.has(id)),
  }
  return withMark({ ...state, content }, calls, 'seen')
}

function takeBack(state: MissedState, ids: readonly string[]): MissedState {
  const { content } = state
  const wanted = new Set(ids)
  const calls = viewOf(state).seen?.calls.filter(({ id }) => wanted.has(id)) ?? []
  if (!content.takesBack || !content.seen || calls.length === 0) return state
  const taken = new Set(calls.map(({ id }) => id))
  const left = content.seen.calls.filter(({ id }) => !taken.has(id))
  return withMark(
    {
      ...state,
      content: {
        ...content,
        seen: left.length === 0 ? null : { ...content.seen, calls: left },
        back: [...content.back, ...calls],
      },
    },
    calls,
    'unseen',
  )
}
