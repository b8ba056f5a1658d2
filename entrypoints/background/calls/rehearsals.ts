import * as v from 'valibot'
import type { RehearsalAnswer } from '../../../messages/commands.ts'
import type { Readiness } from '../../../messages/state.ts'
import { version } from '../../../messages/version.ts'
import { browser } from '../../../platform/browser.ts'

export interface Rehearsals {
  readonly now: () => Readiness
  /** A test ring begins: what the person says of it is what holds from now on. */
  readonly begun: () => void
  /** What the person saw or heard of the last one. */
  readonly answered: (answer: RehearsalAnswer) => void
  /** Asks the browser whether it lets notifications appear. */
  readonly look: () => Promise<void>
  /** Takes up what an earlier worker kept; may be done again. Rejects when that cannot be read. */
  readonly restore: () => Promise<void>
}

const kept = v.object({
  /** ms since 1970. */
  at: v.number(),
  seen: v.nullable(v.boolean()),
  heard: v.nullable(v.boolean()),
  /** Which extension and browser it was. */
  by: v.string(),
})

const key = 'rehearsal'

/** Another of either may ring otherwise. */
const thisBrowser = () => `${version()} ${navigator.userAgent}`

/** Where the browser does not tell (Firefox), nothing is blocked as far as anybody knows. */
async function isBlocked(): Promise<boolean> {
  const { notifications } = browser as { notifications: { getPermissionLevel?: () => Promise<string> } }
  try {
    return (await notifications.getPermissionLevel?.()) === 'denied'
  } catch {
    return false
  }
}

/** The rehearsals of a call, which alone can tell whether a person sees and hears one: no system tells an extension. */
export function createRehearsals(changed: () => void): Rehearsals {
  let last: v.InferOutput<typeof kept> | null = null
  let blocked = false

  function set(next: v.InferOutput<typeof kept>): void {
    last = next
    // What cannot be kept is asked again.
    void browser.storage.local.set({ [key]: next }).catch(() => {})
    changed()
  }

  async function look(): Promise<void> {
    const found = await isBlocked()
    if (found === blocked) return
    blocked = found
    changed()
  }

  return {
    now: () => ({
      blocked,
      last: last && { at: last.at, seen: last.seen, heard: last.heard },
      updated: last !== null && last.by !== thisBrowser(),
    }),
    begun: () => {
      set({ at: Date.now(), seen: null, heard: null, by: thisBrowser() })
      void look()
    },
    answered: (answer) => {
      if (last) set({ ...last, ...answer })
    },
    look,
    restore: async () => {
      void look()
      const { [key]: found } = await browser.storage.local.get(key)
      const read = v.safeParse(kept, found)
      if (read.success) last ??= read.output
    },
  }
}
