import * as v from 'valibot'
import type { GapSummary } from '../../../messages/state.ts'
import { browser } from '../../../platform/browser.ts'
import { type DeviceMessage, type Gap, type MissedCall, missedCall } from '../../../protocol/connection.ts'
import { createLatestWriter } from '../latest-write.ts'

const gap = v.object({
  from: v.number(),
  until: v.number(),
  stretches: v.number(),
  missed: v.number(),
  recorded: v.boolean(),
})
const storedContent = v.object({
  /** Whose calls these are; null while the server has told of none. */
  account: v.nullable(v.string()),
  missed: v.fallback(v.array(missedCall), []),
  gaps: v.fallback(v.array(gap), []),
})
type Content = v.InferOutput<typeof storedContent>

/** What a person marked as seen and the server has not confirmed: its next list without them does. */
const storedMarks = v.object({ account: v.string(), calls: v.pipe(v.array(v.string()), v.readonly()) })
type Marks = v.InferOutput<typeof storedMarks>

const contentKey = 'inbox'
const marksKey = 'seen'
const nothing: Content = { account: null, missed: [], gaps: [] }

/** So many ids fit a message, and so many calls a list of the server's (`protocol/connection.ts`). */
const mostInMessage = 200
const mostMarks = 1_000

/** A device that several people share keeps the marks of so many of them, of those who marked last. */
const mostAccounts = 3

const callsOf = (all: readonly Marks[], account: string | null): readonly string[] =>
  all.find((marks) => marks.account === account)?.calls ?? []

/** `all` with these as the marks of this account. */
const withMarks = (all: readonly Marks[], account: string, calls: readonly string[]): readonly Marks[] => {
  const others = all.filter((marks) => marks.account !== account)
  return calls.length === 0
    ? others
    : [...others, { account, calls: calls.slice(-mostMarks) }].slice(-mostAccounts)
}

const joinMarks = (older: readonly Marks[], newer: readonly Marks[]): readonly Marks[] =>
  newer.reduce(
    (all, { account, calls }) => withMarks(all, account, [...new Set([...callsOf(all, account), ...calls])]),
    older,
  )

/** The newest of a list, each once: no server of ours tells of more, or of one twice. */
const listOf = (missed: readonly MissedCall[]): MissedCall[] => [
  ...new Map(missed.slice(0, mostInMessage).map((call) => [call.id, call])).values(),
]

export interface Inbox {
  /** Missed calls without those marked as seen, newest first; gaps, oldest first. */
  readonly now: () => { readonly missed: readonly MissedCall[]; readonly gaps: readonly GapSummary[] }
  /**
   * Takes up what an earlier worker kept, but for what is newer here; may be done again. Rejects when that cannot be
   * read.
   */
  readonly restore: () => Promise<void>
  /** What the welcome of a connection tells, and whose it is. */
  readonly welcomed: (account: string, missed: readonly MissedCall[]) => void
  readonly replaceMissed: (missed: readonly MissedCall[]) => void
  /** The connection works: what was marked while there was none is told, once. */
  readonly connectionProven: (connection: number) => void
  readonly addGap: (gap: Gap) => void
  /** The person has seen these missed calls. It holds here at once, and at the server when it can be told. */
  readonly markSeen: (calls: readonly string[]) => void
  /** The person has seen the gaps that end no later than this. */
  readonly dismissGaps: (until: number) => void
  /** Nobody is signed in. The marks stay: if the same person comes back, they are told. */
  readonly clear: () => void
}

interface Dependencies {
  /** Says it on the connection of now, or drops it when there is none. */
  readonly send: (message: DeviceMessage) => void
  readonly changed: () => void
}

/** What the server said of missed calls and gaps, and what the person said of them. */
export function createInbox({ send, changed }: Dependencies): Inbox {
  const content = createLatestWriter((next: Content) => browser.storage.session.set({ [contentKey]: next }))
  const marks = createLatestWriter((next: readonly Marks[]) =>
    browser.storage.local.set({ [marksKey]: next }),
  )
  let now = nothing
  let marked: readonly Marks[] = []
  let lastProven: number | null = null
  let restored = false
  let replaced = false

  function replace(next: Content): void {
    now = next
    replaced = true
    content.write(next)
    changed()
  }

  function setMarks(next: readonly Marks[]): void {
    marked = next
    // Not over marks that were not read yet: they are taken up too.
    if (!restored) return
    marks.write(next)
  }

  function sendSeen(calls: readonly string[]): void {
    for (let from = 0; from < calls.length; from += mostInMessage)
      send({ type: 'seen', calls: calls.slice(from, from + mostInMessage) })
  }

  /** A full list leaves out the oldest: what is not in it was perhaps not seen. */
  function dropConfirmed(account: string | null, missed: readonly MissedCall[]): void {
    if (missed.length >= mostInMessage || account === null) return
    const ids = new Set(missed.map(({ id }) => id))
    const calls = callsOf(marked, account)
    const open = calls.filter((call) => ids.has(call))
    if (open.length < calls.length) setMarks(withMarks(marked, account, open))
  }

  return {
    now: () => {
      const seen = new Set(callsOf(marked, now.account))
      return { missed: now.missed.filter(({ id }) => !seen.has(id)), gaps: now.gaps }
    },
    restore: async () => {
      const [session, local] = await Promise.all([
        browser.storage.session.get(contentKey),
        browser.storage.local.get(marksKey),
      ])
      if (restored) return
      restored = true
      if (!replaced) now = v.parse(v.fallback(storedContent, nothing), session[contentKey])
      const kept = v.parse(v.fallback(v.array(storedMarks), []), local[marksKey])
      if (marked.length === 0) marked = kept
      else setMarks(joinMarks(kept, marked))
    },
    welcomed: (account, missed) => {
      dropConfirmed(account, missed)
      const gaps = now.account === account ? now.gaps : []
      replace({ account, gaps, missed: listOf(missed) })
    },
    replaceMissed: (missed) => {
      dropConfirmed(now.account, missed)
      replace({ ...now, missed: listOf(missed) })
    },
    connectionProven: (connection) => {
      if (connection === lastProven) return
      lastProven = connection
      sendSeen(callsOf(marked, now.account))
    },
    addGap: (gap) => replace({ ...now, gaps: [...withGap(now.gaps, gap)] }),
    markSeen: (calls) => {
      const { account, missed } = now
      const known = new Set(missed.map(({ id }) => id))
      if (account === null) return
      const before = callsOf(marked, account)
      const news = calls.filter((call) => known.has(call) && !before.includes(call))
      setMarks(withMarks(marked, account, [...before, ...news]))
      sendSeen(news)
      changed()
    },
    dismissGaps: (until) => replace({ ...now, gaps: now.gaps.filter((gap) => gap.until > until) }),
    clear: () => replace(nothing),
  }
}

/** As many gaps as fit a popup beside all else that it may show. */
const mostGaps = 2

/**
 * Adds a gap that the server told of. Beyond two, the older ones are told as one ("3 times, … to …"), so
 * that no call that was missed in one of them goes untold.
 */
export function withGap(gaps: readonly GapSummary[], gap: Gap): readonly GapSummary[] {
  const all = [...gaps, { ...gap, stretches: 1 }]
  const [first, second, ...others] = all
  return all.length > mostGaps && first && second ? [merge(first, second), ...others] : all
}

const merge = (a: GapSummary, b: GapSummary): GapSummary => ({
  from: Math.min(a.from, b.from),
  until: Math.max(a.until, b.until),
  stretches: a.stretches + b.stretches,
  missed: a.missed + b.missed,
  recorded: a.recorded && b.recorded,
})
