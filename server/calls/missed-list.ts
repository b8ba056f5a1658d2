import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'

/** The devices of a person hear of their missed calls this often at most, in ms: each time it is the whole list. */
const tellEvery = 1_000

export interface MissedListDependencies {
  readonly clock: Clock
  readonly log: Log
  /** Tells a person's devices the list as it is then, but for the connection that knows it. */
  readonly tell: (userId: string, except: string | undefined) => Promise<void>
}

/** Says that the lists of missed calls have changed: at once, or together with what changes within a second after that. */
export interface MissedList {
  /** @param knownBy the connection that changed it and was told of that. */
  changed(userId: string, knownBy?: string): void
  /** Tells what has waited long enough. */
  tick(): void
  /** Tells whatever waits. */
  flush(): Promise<void>
}

interface Told {
  /** Monotonic ms. */
  readonly at: number
  /** What has changed since. */
  readonly waiting: { readonly knownBy: string | undefined } | null
}

export function createMissedList({ clock, log, tell }: MissedListDependencies): MissedList {
  /** By whose list it is; who was told longer ago than `tellEvery` is in here only while something waits. */
  const people = new Map<string, Told>()

  const tellNow = async (userId: string, knownBy: string | undefined) => {
    people.set(userId, { at: clock.monotonic(), waiting: null })
    try {
      await tell(userId, knownBy)
    } catch (err) {
      log.error({ err, userId }, 'missed calls could not be told')
      wait(userId, undefined)
    }
  }

  const wait = (userId: string, knownBy: string | undefined) => {
    const { at, waiting } = people.get(userId) ?? { at: clock.monotonic(), waiting: null }
    const known = waiting && waiting.knownBy !== knownBy ? undefined : knownBy
    people.set(userId, { at, waiting: { knownBy: known } })
  }

  return {
    changed(userId, knownBy) {
      const told = people.get(userId)
      if (told && (told.waiting || clock.monotonic() - told.at < tellEvery)) wait(userId, knownBy)
      else void tellNow(userId, knownBy)
    },
    tick() {
      const now = clock.monotonic()
      for (const [userId, { at, waiting }] of people) {
        if (now - at < tellEvery) continue
        if (waiting) void tellNow(userId, waiting.knownBy)
        else people.delete(userId)
      }
    },
    async flush() {
      const waiting = [...people].flatMap(([userId, told]) =>
        told.waiting ? [{ userId, ...told.waiting }] : [],
      )
      await Promise.all(waiting.map(({ userId, knownBy }) => tellNow(userId, knownBy)))
    },
  }
}
