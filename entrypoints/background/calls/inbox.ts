import * as v from 'valibot'
import type { GapSummary } from '../../../messages/state.ts'
import { browser } from '../../../platform/browser.ts'
import { type DeviceMessage, type Gap, type MissedCall, missedCall } from '../../../protocol/connection.ts'
import type { Instant } from '../clocks.ts'
import { createLatestWriter } from '../latest-write.ts'
import { type After, createTimer } from '../timer.ts'
import {
  type AccountMarks,
  joinMarks,
  type Mark,
  type MissedContent,
  type MissedEvent,
  type MissedView,
  noneMissed,
  reduceMissed,
  sayMarks,
  viewOf,
  waitToSay,
} from './missed-calls.ts'

const gap = v.object({
  from: v.number(),
  until: v.number(),
  stretches: v.number(),
  missed: v.number(),
  recorded: v.boolean(),
})
const storedContent = v.object({
  account: v.nullable(v.string()),
  missed: v.fallback(v.array(missedCall), []),
  takesBack: v.fallback(v.boolean(), false),
  seen: v.fallback(v.nullable(v.object({ calls: v.array(missedCall), at: v.number() })), null),
  back: v.fallback(v.array(missedCall), []),
  gaps: v.fallback(v.array(gap), []),
})
interface Content {
  readonly missed: MissedContent
  readonly gaps: readonly GapSummary[]
}

/** Ids alone: this outlives the browser, and who called is nothing to leave on a disk. */
const storedMarks = v.object({
  account: v.string(),
  calls: v.array(v.string()),
  unseen: v.fallback(v.array(v.string()), []),
})

const contentKey = 'inbox'
const marksKey = 'seen'

export interface Inbox {
  /** Missed calls, newest first, and those marked as seen here; gaps, oldest first. */
  readonly now: () => MissedView & {
    readonly gaps: readonly GapSummary[]
    /** Whether what was marked as seen can be taken back. */
    readonly takesBack: boolean
    /** Whether this server's rooms have camera and microphone. */
    readonly canSpeak: boolean
  }
  /**
   * Takes up what an earlier worker kept, but for what is newer here; may be done again. Rejects when that cannot be
   * read.
   */
  readonly restore: () => Promise<void>
  /** What the welcome of a connection tells, and whose it is. */
  readonly welcomed: (
    account: string,
    missed: readonly MissedCall[],
    features?: readonly string[],
    canSpeak?: boolean,
  ) => void
  /** The server's list, and what it answers by it. */
  readonly replaceMissed: (missed: readonly MissedCall[], n?: number) => void
  /** The connection works: what was marked while there was none is told, once. */
  readonly connectionProven: (connection: number) => void
  readonly addGap: (gap: Gap) => void
  /** The person has seen these missed calls, or has not after all. It holds here at once, and at the server when it can be told. */
  readonly mark: (calls: readonly string[], as: Mark) => void
  /** The person has seen the gaps that end no later than this. */
  readonly dismissGaps: (until: number) => void
  /** Nobody is signed in. The marks stay: if the same person comes back, they are told. */
  readonly clear: () => void
}

interface Dependencies {
  readonly clocks: () => Instant
  readonly after: After
  /** Says it on the connection of now, or drops it when there is none. */
  readonly send: (message: DeviceMessage) => void
  readonly changed: () => void
}

/** What the server said of missed calls and gaps, and what the person said of them. */
export function createInbox({ clocks, after, send, changed }: Dependencies): Inbox {
  const { session, local } = browser.storage
  const content = createLatestWriter(({ missed, gaps: kept }: Content) =>
    session.set({ [contentKey]: { ...missed, gaps: kept } }),
  )
  const marks = createLatestWriter((next: readonly AccountMarks[]) =>
    local.set({ [marksKey]: next.map(toStored) }),
  )
  let state = noneMissed
  let gaps: readonly GapSummary[] = []
  let restored = false
  let replaced = false
  let canSpeak = true
  const sayIn = createTimer(after, say)

  function writeContent(): void {
    replaced = true
    content.write({ missed: state.content, gaps })
  }

  function setGaps(next: readonly GapSummary[]): void {
    gaps = next
    writeContent()
    changed()
  }

  function dispatch(event: MissedEvent): void {
    const before = state
    state = reduceMissed(state, event, clocks())
    say()
    if (state.content !== before.content) writeContent()
    // Not over marks that were not read yet: they are taken up too.
    if (restored && state.marks !== before.marks) marks.write(state.marks)
    if (state.content !== before.content || state.marks !== before.marks) changed()
  }

  /** Says what is due, and sets the time for the rest. */
  function say(): void {
    const [next, messages] = sayMarks(state, clocks())
    state = next
    for (const message of messages) send(message)
    sayIn(waitToSay(state, clocks()))
  }

  return {
    now: () => ({ ...viewOf(state), gaps, takesBack: state.content.takesBack, canSpeak }),
    restore: async () => {
      const [found, kept] = await Promise.all([session.get(contentKey), local.get(marksKey)])
      if (restored) return
      restored = true
      const before = v.parse(
        v.fallback(storedContent, {
          account: null,
          missed: [],
          takesBack: false,
          seen: null,
          back: [],
          gaps: [],
        }),
        found[contentKey],
      )
      const older = v.parse(v.fallback(v.array(storedMarks), []), kept[marksKey]).map(fromStored)
      const joined = joinMarks(older, state.marks)
      if (!replaced) {
        const { gaps: earlier, ...missed } = before
        state = { ...state, content: missed }
        gaps = earlier
      }
      if (state.marks.length > 0) marks.write(joined)
      state = { ...state, marks: joined }
    },
    welcomed: (account, missed, features = [], speaks = true) => {
      const before = canSpeak
      canSpeak = speaks
      if (state.content.account !== account) gaps = []
      dispatch({ type: 'welcomed', account, missed, takesBack: features.includes('unseen') })
      if (canSpeak !== before) changed()
    },
    replaceMissed: (missed, n) => dispatch({ type: 'listed', missed, n }),
    connectionProven: (connection) => dispatch({ type: 'leased', connection }),
    addGap: (told) => setGaps(withGap(gaps, told)),
    mark: (calls, as) => dispatch({ type: 'marked', calls, as }),
    dismissGaps: (until) => setGaps(gaps.filter((told) => told.until > until)),
    clear: () => {
      gaps = []
      dispatch({ type: 'cleared' })
    },
  }
}

const toStored = ({ account, marks }: AccountMarks): v.InferOutput<typeof storedMarks> => {
  const of = (wanted: Mark) => [...marks].filter(([, mark]) => mark === wanted).map(([id]) => id)
  return { account, calls: of('seen'), unseen: of('unseen') }
}

const fromStored = ({ account, calls, unseen }: v.InferOutput<typeof storedMarks>): AccountMarks => ({
  account,
  marks: new Map([
    ...calls.map((id) => [id, 'seen'] as const),
    ...unseen.map((id) => [id, 'unseen'] as const),
  ]),
})

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
