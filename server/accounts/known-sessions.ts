import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { SessionLifetimes } from './session-lifetimes.ts'
import { readSessionLives } from './sessions.ts'

/** What was read longer ago (ms) is not believed: so late a session that was ended is noticed where nobody says so. */
export const lookedAtWithin = 10_000
/** Each session is looked at so often, in ms: a look that waits its turn or takes its time is still in time. */
const lookEvery = 9_000
/** The shared tick comes at least so often while it comes at all. */
const tickEvery = 100
/** So many are looked at in one tick at least, where so many are due. */
const leastAtOnce = 500
/** Fewer wait for others for so long, in ms: of many in one query, each costs half. */
const gathersFor = 500

interface Known {
  readonly sessionId: string
  readonly userId: string
  /** Wall-clock ms; 0 when it is over, or was never read. */
  expiresAt: number
  /** When the look began that found this, monotonic ms. */
  lookedAt: number
  lookAt: number
  /** Used since the last look: then it lives longer. */
  used: boolean
}

/**
 * The sessions of the connections that are here. Each is looked up once in a while, many in one query, instead of at
 * each of its heartbeats. Between two looks `reread` tells of what has changed.
 */
export interface KnownSessions {
  /**
   * How long a session holds from now on, as `readSessionLives` has it, in ms; asking is a use of it.
   *
   * @param least where less is known to be left than this, it is looked up.
   * @returns a number where that is known; else a promise of what the next look finds.
   */
  lifeLeft(
    session: { readonly sessionId: string; readonly userId: string },
    least: number,
  ): number | Promise<number>
  /** What was known of a session is void: it may be over. @returns how long it holds, as a look that begins now finds. */
  reread(session: { readonly sessionId: string; readonly userId: string }): Promise<number>
  /** Nobody is here by this session any more. */
  forget(sessionId: string): void
  /** Looks at those that are due. @throws when they cannot be read. */
  tick(): Promise<void>
}

export interface KnownSessionsDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly lifetimes: SessionLifetimes
  /** Told of each session that a look of the tick's found to be over. */
  readonly onOver: (session: { readonly sessionId: string; readonly userId: string }) => Promise<void>
  /** Told of all that a tick looked at. */
  readonly onLooked: (
    sessions: readonly { readonly sessionId: string; readonly userId: string }[],
  ) => Promise<void>
}

export function createKnownSessions(dependencies: KnownSessionsDependencies): KnownSessions {
  const { db, clock, lifetimes, onOver, onLooked } = dependencies
  /** In the order in which they are due. */
  const all = new Map<string, Known>()
  let asked: { readonly of: Set<Known>; readonly look: Promise<void> } | undefined

  const look = async (of: Iterable<Known>): Promise<void> => {
    const sessions = [...of]
    const lookedAt = clock.monotonic()
    const used = new Set(sessions.filter((known) => known.used).map(({ sessionId }) => sessionId))
    for (const known of sessions) known.used = false
    const ids = sessions.map(({ sessionId }) => sessionId)
    const lives = await readSessionLives(db, lifetimes, ids, (id) => used.has(id), clock.wall())
    for (const known of sessions) {
      if (known.lookedAt > lookedAt) continue
      known.expiresAt = lives.get(known.sessionId) ?? 0
      known.lookedAt = lookedAt
    }
  }

  /** Gathers whatever is asked for in this turn into one look. */
  const ask = (known: Known): Promise<void> => {
    if (!asked) {
      const of = new Set<Known>()
      const turnEnds = new Promise((resolve) => setImmediate(resolve))
      const begin = () => {
        asked = undefined
        return look(of)
      }
      asked = { of, look: turnEnds.then(begin) }
    }
    asked.of.add(known)
    return asked.look
  }

  const enter = (session: { readonly sessionId: string; readonly userId: string }): Known => {
    const { sessionId, userId } = session
    const lookAt = clock.monotonic() + lookEvery
    const known = { sessionId, userId, expiresAt: 0, lookedAt: Number.NEGATIVE_INFINITY, lookAt, used: false }
    all.set(sessionId, known)
    return known
  }

  const left = ({ expiresAt }: Known) => Math.max(0, expiresAt - clock.wall())

  const due = (): Known[] => {
    const now = clock.monotonic()
    const most = Math.max(leastAtOnce, Math.ceil((all.size * 2 * tickEvery) / lookEvery))
    const taken: Known[] = []
    for (const known of all.values()) {
      if (known.lookAt > now || taken.length >= most) break
      taken.push(known)
    }
    const [first] = taken
    if (!first || (taken.length < leastAtOnce && now - first.lookAt < gathersFor)) return []
    for (const known of taken) {
      known.lookAt = now + lookEvery
      all.delete(known.sessionId)
      all.set(known.sessionId, known)
    }
    return taken
  }

  return {
    lifeLeft(session, least) {
      const known = all.get(session.sessionId) ?? enter(session)
      known.used = true
      if (clock.monotonic() - known.lookedAt < lookedAtWithin && left(known) >= least) return left(known)
      return ask(known).then(() => left(known))
    },
    async reread(session) {
      // A look that is under way may have read what was before: what it finds is nobody's any more.
      all.delete(session.sessionId)
      const known = enter(session)
      await ask(known)
      return left(known)
    },
    forget(sessionId) {
      all.delete(sessionId)
    },
    async tick() {
      const taken = due()
      if (taken.length === 0) return
      await look(taken)
      for (const known of taken)
        if (left(known) === 0 && all.get(known.sessionId) === known) await onOver(known)
      await onLooked(taken)
    },
  }
}
