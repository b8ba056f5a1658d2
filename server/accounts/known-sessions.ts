import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { SessionLifetimes } from './session-lifetimes.ts'
import { allLastUntil, readSessionLives, type SessionLifeRow, sessionLifeOf } from './sessions.ts'

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

/** A session that lasts longer than this (ms) from a look on is as good as one that never ends, until the next look. */
const lastsLong = 60_000

/** What is known of one; `forget` and `reread` make it void. */
export interface KnownSession {
  readonly sessionId: string
  readonly userId: string
  /** Wall-clock ms, as it was last read; 0 when it is over, or was never read. */
  expiresAt: number
  /** Wall-clock ms: a use from then on is written down. */
  usesCountFrom: number
  /** When the look began that found this, monotonic ms. */
  lookedAt: number
  lookAt: number
  /** Used since the last look: then it lives longer. */
  used: boolean
  isVoid: boolean
}

/** Whose session it is. */
export interface SessionInUse {
  readonly sessionId: string
  readonly userId: string
  /** What was known of it as it was last asked for, kept here so that nobody has to look for it again. */
  known?: KnownSession | undefined
}

/**
 * The sessions of the connections that are here. Each is looked up once in a while, many in one query, instead of at
 * each of its heartbeats. Between two looks `reread` tells of what has changed.
 */
export interface KnownSessions {
  /**
   * How long a session holds from now on, as `readSessionLives` had it, in ms; asking is a use of it. One that was made
   * shorter since is known to be so before `lastsLong` of it are left.
   *
   * @param least where less is known to be left than this, it is looked up.
   * @returns a number where that is known; else a promise of what the next look finds.
   */
  lifeLeft(session: SessionInUse, least: number): number | Promise<number>
  /** What was known of a session is void: it may be over. @returns how long it holds, as a look that begins now finds. */
  reread(session: SessionInUse): Promise<number>
  /**
   * Somebody is about to read how this session stands, with other things.
   *
   * @returns takes the row that was found, undefined where there is none: what is void by then, or less than sure, is
   *   not believed, and is looked up when it is asked for.
   */
  readBesides(session: SessionInUse): (row: SessionLifeRow | undefined) => void
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
  readonly onOver: (session: SessionInUse) => Promise<void>
  /** Told of all that a tick looked at. */
  readonly onLooked: (sessions: readonly SessionInUse[]) => Promise<void>
}

export function createKnownSessions(dependencies: KnownSessionsDependencies): KnownSessions {
  const { db, clock, lifetimes, onOver, onLooked } = dependencies
  const all = new Map<string, KnownSession>()
  /** In the order in which they are due, from `next` on; each has one place, which what is void leaves at its turn. */
  let queue: KnownSession[] = []
  let next = 0
  let asked: { readonly of: Set<KnownSession>; readonly look: Promise<void> } | undefined

  const read = async (of: Iterable<KnownSession>): Promise<void> => {
    const sessions = [...of]
    const lookedAt = clock.monotonic()
    const used = new Set(sessions.filter((known) => known.used).map(({ sessionId }) => sessionId))
    for (const known of sessions) known.used = false
    const ids = sessions.map(({ sessionId }) => sessionId)
    const lives = await readSessionLives(db, lifetimes, ids, (id) => used.has(id), clock.wall())
    for (const known of sessions) {
      if (known.lookedAt > lookedAt) continue
      const life = lives.get(known.sessionId)
      known.expiresAt = life?.expiresAt ?? 0
      known.usesCountFrom = life?.usesCountFrom ?? 0
      known.lookedAt = lookedAt
    }
  }

  /** Mostly nothing has changed, which is one question for all of them. What has is read of each. */
  const look = async (sessions: readonly KnownSession[]): Promise<void> => {
    const lookedAt = clock.monotonic()
    const now = clock.wall()
    const lasting: KnownSession[] = []
    const others: KnownSession[] = []
    for (const known of sessions) {
      const isLengthened = known.used && known.usesCountFrom <= now
      ;(known.expiresAt > now + lastsLong && !isLengthened ? lasting : others).push(known)
    }
    const ids = lasting.map(({ sessionId }) => sessionId)
    if (lasting.length === 0 || !(await allLastUntil(db, ids, now + lastsLong))) return read(sessions)
    for (const known of lasting) {
      known.used = false
      known.lookedAt = Math.max(known.lookedAt, lookedAt)
    }
    if (others.length > 0) await read(others)
  }

  /** Gathers whatever is asked for in this turn into one look. */
  const ask = (known: KnownSession): Promise<void> => {
    if (!asked) {
      const of = new Set<KnownSession>()
      const turnEnds = new Promise((resolve) => setImmediate(resolve))
      const begin = () => {
        asked = undefined
        return read(of)
      }
      asked = { of, look: turnEnds.then(begin) }
    }
    asked.of.add(known)
    return asked.look
  }

  const enter = (session: SessionInUse): KnownSession => {
    const { sessionId, userId } = session
    const known: KnownSession = {
      sessionId,
      userId,
      expiresAt: 0,
      usesCountFrom: 0,
      lookedAt: Number.NEGATIVE_INFINITY,
      lookAt: clock.monotonic() + lookEvery,
      used: false,
      isVoid: false,
    }
    all.set(sessionId, known)
    queue.push(known)
    session.known = known
    return known
  }

  const forget = (sessionId: string) => {
    const known = all.get(sessionId)
    if (known) known.isVoid = true
    all.delete(sessionId)
  }

  const find = (session: SessionInUse): KnownSession => {
    const { known } = session
    if (known && !known.isVoid) return known
    session.known = all.get(session.sessionId) ?? enter(session)
    return session.known
  }

  const left = ({ expiresAt }: KnownSession, now: number) => Math.max(0, expiresAt - now)

  const due = (): KnownSession[] => {
    const now = clock.monotonic()
    while (queue[next]?.isVoid) next += 1
    const first = queue[next]
    if (!first || first.lookAt > now) return []
    const areMany = (queue[next + leastAtOnce - 1]?.lookAt ?? Number.POSITIVE_INFINITY) <= now
    if (!areMany && now - first.lookAt < gathersFor) return []
    const most = Math.max(leastAtOnce, Math.ceil((all.size * 2 * tickEvery) / lookEvery))
    const taken: KnownSession[] = []
    for (; taken.length < most; next += 1) {
      const known = queue[next]
      if (!known || known.lookAt > now) break
      if (!known.isVoid) taken.push(known)
    }
    for (const known of taken) {
      known.lookAt = now + lookEvery
      queue.push(known)
    }
    // As many again are copied as were taken since: each one once, whatever their number.
    if (next * 2 > queue.length) {
      queue = queue.slice(next)
      next = 0
    }
    return taken
  }

  return {
    lifeLeft(session, least) {
      const known = find(session)
      known.used = true
      const now = clock.wall()
      // A use that counts is written down at once: whoever it is may be gone before the next look.
      if (clock.monotonic() - known.lookedAt < lookedAtWithin && known.usesCountFrom > now) {
        const ms = left(known, now)
        if (ms >= least) return ms
      }
      return ask(known).then(() => left(known, clock.wall()))
    },
    async reread(session) {
      // A look that is under way may have read what was before: what it finds is nobody's any more.
      forget(session.sessionId)
      const known = enter(session)
      await ask(known)
      return left(known, clock.wall())
    },
    readBesides(session) {
      const known = find(session)
      const lookedAt = clock.monotonic()
      return (row) => {
        const now = clock.wall()
        const life = row && sessionLifeOf(lifetimes, row, now)
        // The use of one that is to be lengthened is written down by a look of its own.
        if (!life || life.usesCountFrom <= now || known.isVoid || known.lookedAt > lookedAt) return
        known.expiresAt = life.expiresAt
        known.usesCountFrom = life.usesCountFrom
        known.lookedAt = lookedAt
      }
    },
    forget,
    async tick() {
      const taken = due()
      if (taken.length === 0) return
      await look(taken)
      const now = clock.wall()
      for (const known of taken) if (left(known, now) === 0 && !known.isVoid) await onOver(known)
      await onLooked(taken)
    },
  }
}
