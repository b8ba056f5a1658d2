import * as v from 'valibot'
import type { Gap } from '../../../messages/state.ts'
import { browser } from '../../../platform/browser.ts'
import {
  type DeviceMessage,
  type MissedCall,
  missedCall,
  type Gap as ToldGap,
} from '../../../protocol/connection.ts'
import { addGap } from './gaps.ts'

const gap = v.object({
  from: v.number(),
  until: v.number(),
  stretches: v.number(),
  missed: v.number(),
  recorded: v.boolean(),
})
const told = v.object({
  /** Whose calls these are; null while the server has told of none. */
  account: v.nullable(v.string()),
  missed: v.fallback(v.array(missedCall), []),
  gaps: v.fallback(v.array(gap), []),
})
type Told = v.InferOutput<typeof told>

/** What a person marked as seen and the server has not confirmed: its next list without them does. */
const marks = v.object({ account: v.string(), calls: v.pipe(v.array(v.string()), v.readonly()) })
type Marks = v.InferOutput<typeof marks>

const toldKey = 'inbox'
const marksKey = 'seen'
const nothingTold: Told = { account: null, missed: [], gaps: [] }

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

const joined = (older: readonly Marks[], newer: readonly Marks[]): readonly Marks[] =>
  newer.reduce(
    (all, { account, calls }) => withMarks(all, account, [...new Set([...callsOf(all, account), ...calls])]),
    older,
  )

export interface Inbox {
  /** Missed calls without those marked as seen, newest first; gaps, oldest first. */
  readonly now: () => { readonly missed: readonly MissedCall[]; readonly gaps: readonly Gap[] }
  /**
   * Takes up what an earlier worker kept, but for what is newer here; may be done again. Rejects when that cannot be
   * read.
   */
  readonly start: () => Promise<void>
  /** What the welcome of a connection tells, and whose it is. */
  readonly welcomed: (account: string, missed: readonly MissedCall[]) => void
  readonly missed: (missed: readonly MissedCall[]) => void
  /** The connection works: what was marked while there was none is told, once. */
  readonly proven: (connection: number) => void
  readonly gap: (gap: ToldGap) => void
  /** The person has seen these missed calls. It holds here at once, and at the server when it can be told. */
  readonly seen: (calls: readonly string[]) => void
  /** The person has seen the gaps that end no later than this. */
  readonly gapsSeen: (until: number) => void
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
  let now = nothingTold
  let marked: readonly Marks[] = []
  let provenConnection: number | null = null
  let started = false
  let replaced = false

  function become(next: Told): void {
    now = next
    replaced = true
    void browser.storage.session.set({ [toldKey]: next }).catch(() => {})
    changed()
  }

  function mark(next: readonly Marks[]): void {
    marked = next
    // Not over marks that were not read yet: they are taken up too.
    if (!started) return
    void browser.storage.local.set({ [marksKey]: next }).catch(() => {})
  }

  function tell(calls: readonly string[]): void {
    for (let from = 0; from < calls.length; from += mostInMessage)
      send({ type: 'seen', calls: calls.slice(from, from + mostInMessage) })
  }

  /** A full list leaves out the oldest: what is not in it was perhaps not seen. */
  function confirm(account: string | null, missed: readonly MissedCall[]): void {
    if (missed.length >= mostInMessage || account === null) return
    const ids = new Set(missed.map(({ id }) => id))
    const calls = callsOf(marked, account)
    const open = calls.filter((call) => ids.has(call))
    if (open.length < calls.length) mark(withMarks(marked, account, open))
  }

  return {
    now: () => {
      const seen = new Set(callsOf(marked, now.account))
      return { missed: now.missed.filter(({ id }) => !seen.has(id)), gaps: now.gaps }
    },
    start: async () => {
      const [session, local] = await Promise.all([
        browser.storage.session.get(toldKey),
        browser.storage.local.get(marksKey),
      ])
      if (started) return
      started = true
      if (!replaced) now = v.parse(v.fallback(told, nothingTold), session[toldKey])
      const kept = v.parse(v.fallback(v.array(marks), []), local[marksKey])
      if (marked.length === 0) marked = kept
      else mark(joined(kept, marked))
    },
    welcomed: (account, missed) => {
      confirm(account, missed)
      const gaps = now.account === account ? now.gaps : []
      become({ account, gaps, missed: [...missed] })
    },
    missed: (missed) => {
      confirm(now.account, missed)
      become({ ...now, missed: [...missed] })
    },
    proven: (connection) => {
      if (connection === provenConnection) return
      provenConnection = connection
      tell(callsOf(marked, now.account))
    },
    gap: (gap) => become({ ...now, gaps: [...addGap(now.gaps, gap)] }),
    seen: (calls) => {
      const { account, missed } = now
      const known = new Set(missed.map(({ id }) => id))
      if (account === null) return
      const before = callsOf(marked, account)
      const news = calls.filter((call) => known.has(call) && !before.includes(call))
      mark(withMarks(marked, account, [...before, ...news]))
      tell(news)
      changed()
    },
    gapsSeen: (until) => become({ ...now, gaps: now.gaps.filter((gap) => gap.until > until) }),
    clear: () => become(nothingTold),
  }
}
