import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'

/** The devices of a person hear of what they have missed, and of their account, this often at most, in ms: each time of all. */
const tellEvery = 1_000

export interface PacedTellingDependencies {
  readonly clock: Clock
  readonly log: Log
  /** Tells a person's devices how it is then, but for the connection that knows it. */
  readonly tell: (userId: string, except: string | undefined) => Promise<void>
}

/** Tells that something of people has changed: at once, or together with what changes within a second after that. */
export interface PacedTelling {
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

export function createPacedTelling({ clock, log, tell }: PacedTellingDependencies): PacedTelling {
  /** By whose it is; who was told longer ago than `tellEvery` is in here only while something waits. */
  const people = new Map<string, Told>()

  const tellNow = async (userId: string, knownBy: string | undefined) => {
    people.set(userId, { at: clock.monotonic(), waiting: null })
    try {
      await tell(userId, knownBy)
    } catch (err) {
      log.error({ err, userId }, 'a change could not be told yet')
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
