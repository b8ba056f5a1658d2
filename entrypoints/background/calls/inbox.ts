import * as v from 'valibot'
import { browser } from '../../../platform/browser.ts'
import { gap, type MissedCall, missedCall, type ServerMessage } from '../../../protocol/line.ts'

const kept = v.object({ missed: v.fallback(v.array(missedCall), []), gap: v.fallback(v.nullable(gap), null) })
type Kept = v.InferOutput<typeof kept>
const key = 'inbox'
const empty: Kept = { missed: [], gap: null }

export interface Inbox {
  readonly now: () => Kept
  readonly start: () => Promise<void>
  readonly missed: (missed: readonly MissedCall[]) => void
  readonly gap: (gap: Extract<ServerMessage, { type: 'lease' }>['gap']) => void
  readonly gapSeen: () => void
  readonly clear: () => void
}

/** What the server said of missed calls and gaps, kept so that a restarted worker can still say it. */
export function createInbox(changed: () => void): Inbox {
  let now = empty

  function become(next: Kept): void {
    now = next
    void browser.storage.session.set({ [key]: next })
    changed()
  }

  return {
    now: () => now,
    start: async () => {
      const { [key]: found } = await browser.storage.session.get(key)
      if (now === empty) now = v.parse(v.fallback(kept, empty), found)
    },
    missed: (missed) => become({ ...now, missed: [...missed] }),
    gap: (told) => told && become({ ...now, gap: told }),
    gapSeen: () => become({ ...now, gap: null }),
    clear: () => become(empty),
  }
}
