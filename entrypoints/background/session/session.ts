import type { Ask, LogInReply } from '../../../messages/commands.ts'
import type { IssuerState, SessionState, SignedOutReason } from '../../../messages/state.ts'
import { withTimeout } from '../../../platform/timeout.ts'
import type { Account } from '../../../protocol/connection.ts'
import { isEndedByServer } from '../ended-by-server.ts'
import { createLatestWriter } from '../latest-write.ts'
import { retryWithBackoff } from '../retry-with-backoff.ts'
import { shownAccount } from '../shown-names.ts'
import { deviceId } from './device-identity.ts'
import {
  clearIssuerRefusal,
  readIssuerRefusal,
  signInAtIssuer,
  storeIssuerRefusal,
} from './issuer-sign-in.ts'
import {
  isPendingLogout,
  notePendingLogout,
  sendPendingLogout,
  sendPendingLogouts,
} from './pending-logouts.ts'
import {
  clearDraft,
  clearSession,
  forgetLastLogIn,
  type LastLogIn,
  readDraft,
  readLastLogIn,
  readSession,
  readSessionEnd,
  type StoredSession,
  storeDraft,
  storeSession,
  storeSessionEnd,
  storeSessionEndAndName,
} from './session-storage.ts'
import { type SignInResult, signIn } from './sign-in.ts'

type Ended = Exclude<SignedOutReason, 'never' | 'browser-closed' | 'lost'>

export interface Session {
  readonly state: () => SessionState
  readonly current: () => StoredSession | null
  /**
   * Takes up what an earlier worker kept; may be called again after it failed.
   *
   * @throws when the browser cannot read it: then nobody is signed out, and nothing is known yet.
   */
  readonly restore: () => Promise<void>
  /**
   * One sign-in at a time: a second request while one is under way gets the first one's reply, and one while somebody
   * is signed in is refused.
   */
  readonly logIn: (ask: Ask<'log-in'>) => Promise<LogInReply>
  /** Begins a sign-in at the server's issuer, unless one is under way; how it goes is in the state. */
  readonly logInAtIssuer: (staySignedIn: boolean) => void
  /**
   * Ends the session here at once, notes that the server has to be told, and forgets its secrets. Resolves when
   * that was tried; what the browser could not write is tried again until it can.
   */
  readonly end: (why: Ended) => Promise<void>
  readonly updateAccount: (account: Account) => void
  readonly keepDraft: (draft: string) => void
  /** The person came back after Exit. */
  readonly opened: () => void
}

export interface SessionDependencies {
  /** Its origin; null until somebody has named it. */
  readonly server: () => string | null
  /** Someone is signed in from now on, or nobody is (any more). Called before anything is awaited. */
  readonly sessionChanged: (current: StoredSession | null) => void
  readonly changed: () => void
  /** A log-out that the browser could not write down at once is written down, or its server has heard of it. */
  readonly logOutRecorded: () => void
}

/** How long a note is waited for before the session is forgotten without it, in milliseconds. */
const notedWithin = 2_000

/** The only owner of the session; the password passes through `logIn` and is kept nowhere. */
export function createSession(dependencies: SessionDependencies): Session {
  let current: StoredSession | null = null
  // One that is over by then, or has changed again, is not to be kept.
  const updated = createLatestWriter(async (session: StoredSession) => {
    if (current === session) await storeSession(session)
  })
  let ended: SignedOutReason | 'unknown' = 'unknown'
  let resting = false
  let draft: string | null = null
  let last: LastLogIn | null = null
  let atIssuer: IssuerState = 'idle'
  let pending: Promise<LogInReply> | null = null
  /** Counts changes of the session, so that what was begun before one is not finished after it. */
  let generation = 0

  function replaceSession(next: StoredSession | null): void {
    generation += 1
    current = next
    notify(() => dependencies.sessionChanged(next))
    notify(dependencies.changed)
  }

  /** Who logged in last at the server of today: nobody else's name is offered there. */
  const lastHere = () => (last?.server === dependencies.server() ? last : null)

  async function restore(): Promise<void> {
    const [kept, typed, remembered, read] = await Promise.all([
      readSessionEnd(),
      readDraft(),
      readLastLogIn(),
      readSession(),
    ])
    // A session that was logged out of stays so, though the device could not forget it then.
    const over = read !== null && (await isPendingLogout(read.endToken))
    const found = over ? null : read
    // Last, since reading it may forget it.
    const refusal = await readIssuerRefusal()
    if (current) return
    // Kept before the session is forgotten by which it is known; a session that lasts has no other reason than `never`.
    const how = over && kept.ended === 'never' ? 'logged-out' : kept.ended
    if (over) {
      await storeSessionEndAndName({ ...kept, ended: ended === 'unknown' ? how : ended }, null).catch(
        forgetLastLogIn,
      )
      await clearSession()
    }
    // Whoever signed in meanwhile is not forgotten with it.
    if (current) return await storeSession(current)
    if (ended !== 'unknown') return await endUnread(found)
    last = over || isByHand(how) ? null : remembered
    ended = howEnded(how, last)
    resting = kept.resting && !found
    draft = typed
    if (refusal && atIssuer === 'idle') atIssuer = { refused: refusal }
    if (found && found.server !== dependencies.server()) return await endElsewhere(found)
    if (found) return replaceSession(found)
    // The log-out may have been the last that an earlier worker did, or the session ended with the browser.
    notify(() => dependencies.sessionChanged(null))
    notify(dependencies.changed)
  }

  /** The session that was kept is of another server than the one that is set: it must not look like one of this. */
  async function endElsewhere(found: StoredSession): Promise<void> {
    ended = 'server-changed'
    notify(() => dependencies.sessionChanged(null))
    notify(dependencies.changed)
    await recordLogOut(found, async () => {
      if (!current) await forgetSession()
    })
  }

  const sessionEnd = () => ({ ended: ended === 'unknown' ? ('never' as const) : ended, resting })

  /**
   * Forgets the session, after how it ended was kept: whoever dies in between leaves both, and the next start knows what
   * to do. One that could be kept nowhere must not be told of as another, so then who it was is forgotten too.
   *
   * @throws when something of it is left to do.
   */
  async function forgetSession(): Promise<void> {
    const keeping = withTimeout(storeSessionEndAndName(sessionEnd(), last), notedWithin)
    const [kept] = await Promise.allSettled([keeping])
    if (kept.status === 'rejected') await forgetLastLogIn().catch(() => {})
    await clearSession()
    if (kept.status === 'rejected') throw kept.reason
  }

  /** The person logged out before the session could be read: now it can be ended. */
  async function endUnread(found: StoredSession | null): Promise<void> {
    if (found)
      await recordLogOut(found, async () => {
        if (!current) await clearSession()
      })
  }

  /**
   * Sees to it that the server hears of a log-out, and forgets the session.
   *
   * @throws when something of it is left to do.
   */
  async function recordLogOut(last: StoredSession | null, forget: () => Promise<unknown>): Promise<void> {
    // Noted before anything is forgotten: where the device's database fails, the server must still be told.
    const noting = last ? withTimeout(notePendingLogout(last), notedWithin) : Promise.resolve()
    const [noted] = await Promise.allSettled([noting])
    // Forgotten although it could not be noted: a browser that closes now must not sign the person in again.
    const [forgotten] = await Promise.allSettled([forget()])
    // What is not noted, nobody would tell later.
    const heard = noted.status === 'fulfilled' || (last !== null && (await sendPendingLogout(last)))
    if (!heard || forgotten.status === 'rejected') throw new Error('The log-out could not be written down')
  }

  async function logIn(ask: Ask<'log-in'>): Promise<LogInReply> {
    const login = ask.login.trim()
    if (login === '') return { ok: false, why: 'empty-login' }
    if (ask.password === '') return { ok: false, why: 'empty-password' }
    const device = await deviceId().catch(() => null)
    if (device === null) return { ok: false, why: 'storage' }
    const kept = { login, staySignedIn: ask.staySignedIn }
    return await adopt(kept, (server) => signIn(server, { ...ask, login, device }))
  }

  /** Takes a session in, if it is granted and neither session nor server is another one meanwhile. */
  async function adopt(
    kept: Omit<LastLogIn, 'server'>,
    request: (server: string) => Promise<SignInResult>,
  ): Promise<LogInReply> {
    // A page that has not heard of it asks anew: its session would take the place of one whose connection is open.
    if (current) return { ok: false, why: 'interrupted' }
    const before = generation
    const server = dependencies.server()
    if (server === null) return { ok: false, why: 'no-server' }
    const serverChanged = () => dependencies.server() !== server && generation === before
    const overtaken = () => generation !== before || serverChanged()
    const signed = await request(server)
    if (serverChanged()) showServerChanged()
    if (!signed.ok) return signed
    const { session } = signed
    const logIn = { ...kept, server }
    try {
      if (!overtaken()) {
        await storeSession(session)
        await storeSessionEndAndName({ ended: 'never', resting: false }, logIn)
      }
      if (overtaken()) {
        if (serverChanged()) showServerChanged()
        await rewriteStorage()
        return await endGranted(session, 'interrupted')
      }
    } catch {
      return await endGranted(session, 'storage')
    }
    last = logIn
    ended = 'never'
    resting = false
    draft = null
    void clearDraft().catch(() => {})
    atIssuer = 'idle'
    void clearIssuerRefusal().catch(() => {})
    replaceSession(session)
    return { ok: true }
  }

  /** Above the login form, since the popup has most likely closed when the person went to Options. */
  function showServerChanged(): void {
    if (current) return
    ended = 'server-changed'
    void storeSessionEnd(sessionEnd()).catch(() => {})
    notify(dependencies.changed)
  }

  /** What was kept too soon gives way to what is so. */
  async function rewriteStorage(): Promise<void> {
    if (current) await storeSession(current)
    else await clearSession()
    await storeSessionEndAndName(current ? { ended: 'never', resting: false } : sessionEnd(), last)
  }

  /** Ends a session that was granted and cannot be kept. */
  async function endGranted(session: StoredSession, why: 'interrupted' | 'storage'): Promise<LogInReply> {
    await notePendingLogout(session).then(sendPendingLogouts, () => {})
    return { ok: false, why }
  }

  async function logInAtIssuer(staySignedIn: boolean): Promise<void> {
    if (atIssuer === 'under-way' || current) return
    atIssuer = 'under-way'
    dependencies.changed()
    await clearIssuerRefusal().catch(() => {})
    const reply = await adopt({ login: null, staySignedIn }, (server) =>
      signInAtIssuer(server, staySignedIn, () => current === null && dependencies.server() === server),
    )
    if (reply.ok) atIssuer = 'idle'
    else {
      const { ok: _, ...refused } = reply
      atIssuer = { refused }
      await storeIssuerRefusal(refused).catch(() => {})
    }
    dependencies.changed()
  }

  async function end(asked: Ended): Promise<void> {
    // A worker that died heard the reason, and kept it: the next one is told no more than that it is over.
    const kept = ended === 'unknown' ? 'never' : ended
    const why = asked === 'ended' && isEndedByServer(kept) ? kept : asked
    const before = current
    const unread = !current && ended === 'unknown'
    // Whoever logs out leaves no name for the next person at this browser; a session that ends leaves it to its own.
    const byHand = isByHand(why)
    if (byHand) {
      last = null
      draft = null
      void clearDraft().catch(() => {})
    }
    // Where nobody is signed in Exit logs nobody out: why that is so stays true.
    if (current || unread || why !== 'exited') ended = why
    resting = why === 'exited'
    replaceSession(null)
    const ending = generation
    // What the server ended it need not be told.
    const untold = isEndedByServer(why) ? null : before
    let late = false
    async function forget(): Promise<void> {
      // Someone may have signed in by the time that the browser can write again.
      if (generation !== ending) return
      // What could not be read yet is ended when it is read: its server must be told first.
      if (unread) await storeSessionEndAndName(sessionEnd(), last)
      else await forgetSession()
    }
    const recording = retryWithBackoff(
      async () => {
        await recordLogOut(untold, forget)
        if (late) notify(dependencies.logOutRecorded)
      },
      () => {
        late = true
      },
    )
    await recording.attempt()
  }

  return {
    current: () => current,
    state: () => {
      if (current) return { kind: 'signed-in', account: current.account }
      if (ended === 'unknown') return { kind: 'unknown' }
      return {
        kind: 'signed-out',
        why: ended,
        resting,
        draft: draft ?? lastHere()?.login ?? '',
        staySignedIn: lastHere()?.staySignedIn ?? false,
        atIssuer,
      }
    },
    restore,
    logIn: (ask) => {
      pending ??= logIn(ask).finally(() => {
        pending = null
      })
      return pending
    },
    logInAtIssuer: (staySignedIn) => void logInAtIssuer(staySignedIn),
    end,
    updateAccount: (told) => {
      if (!current) return
      const account = shownAccount(told)
      if (JSON.stringify(account) === JSON.stringify(current.account)) return
      current = { ...current, account }
      updated.write(current)
      dependencies.changed()
    },
    keepDraft: (typed) => {
      draft = typed
      void storeDraft(typed).catch(() => {})
    },
    opened: () => {
      if (current || !resting || ended === 'unknown') return
      resting = false
      if (ended === 'exited') ended = 'returned'
      void storeSessionEnd(sessionEnd()).catch(() => {})
      dependencies.changed()
    },
  }
}

/** From My account too, by which somebody logs out of a computer that they have left. */
const isByHand = (why: SignedOutReason): boolean =>
  why === 'logged-out' || why === 'ended-in-my-account' || why === 'exited' || why === 'returned'

/** How a session ended of which nothing is left: where nobody ended it, the browser's end did, or the browser lost it. */
function howEnded(how: SignedOutReason, last: LastLogIn | null): SignedOutReason {
  if (how !== 'never' || last === null) return how
  return last.staySignedIn ? 'lost' : 'browser-closed'
}

/** Whoever listens cannot keep a session from being replaced, nor a log-out from being noted. */
function notify(listener: () => void): void {
  try {
    listener()
  } catch (error) {
    console.error(error)
  }
}
