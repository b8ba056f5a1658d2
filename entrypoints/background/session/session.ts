import type { Ask, LogInReply } from '../../../messages/commands.ts'
import type { IssuerState, SessionState } from '../../../messages/state.ts'
import type { Account } from '../../../protocol/connection.ts'
import { keepTrying } from '../retry-with-backoff.ts'
import { inTime } from '../timeout.ts'
import { deviceId } from './device-id.ts'
import { keepDraft, readDraft } from './draft.ts'
import { type HowEnded, keepHowEnded, readHowEnded } from './how-ended.ts'
import { forgetRefusal, keepRefusal, readRefusal } from './issuer-flow.ts'
import { signInAtIssuer } from './issuer-sign-in.ts'
import {
  isPendingLogout,
  notePendingLogout,
  sendPendingLogout,
  sendPendingLogouts,
} from './pending-logouts.ts'
import { forgetSession, keepSession, readSession, type StoredSession } from './session-storage.ts'
import { type SignedIn, signIn } from './sign-in.ts'

type Ended = Exclude<HowEnded, 'never'>

export interface Session {
  readonly state: () => SessionState
  readonly held: () => StoredSession | null
  /**
   * Takes up what an earlier worker kept; may be called again after it failed.
   *
   * @throws when the browser cannot read it: then nobody is signed out, and nothing is known yet.
   */
  readonly start: () => Promise<void>
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
  readonly learnAccount: (account: Account) => void
  readonly keepDraft: (draft: string) => void
  /** The person came back after Exit. */
  readonly opened: () => void
}

export interface SessionDependencies {
  readonly server: () => string
  /** Someone is signed in from now on, or nobody is (any more). Called before anything is awaited. */
  readonly changedHands: (held: StoredSession | null) => void
  readonly changed: () => void
  /** A log-out that the browser could not write down at once is written down, or its server has heard of it. */
  readonly settled: () => void
}

/** How long a note is waited for before the session is forgotten without it, in milliseconds. */
const notedWithin = 2_000

/** The only owner of the session; the password passes through `logIn` and is kept nowhere. */
export function createSession(dependencies: SessionDependencies): Session {
  let held: StoredSession | null = null
  let ended: HowEnded | 'unknown' = 'unknown'
  let draft = ''
  let atIssuer: IssuerState = 'idle'
  let pending: Promise<LogInReply> | null = null
  /** Counts changes of hands, so that what was begun before one is not finished after it. */
  let turn = 0

  function changeHands(next: StoredSession | null): void {
    turn += 1
    held = next
    tell(() => dependencies.changedHands(next))
    tell(dependencies.changed)
  }

  function takeDraft(typed: string): void {
    draft = typed
    void keepDraft(typed).catch(() => {})
  }

  async function start(): Promise<void> {
    const [how, typed, read] = await Promise.all([readHowEnded(), readDraft(), readSession()])
    // A session that was logged out of stays so, though the device could not forget it then.
    const over = read !== null && (await isPendingLogout(read.endToken))
    const found = over ? null : read
    // Last, since reading it may forget it.
    const refusal = await readRefusal()
    if (held) return
    if (over) await forgetSession()
    // Whoever signed in meanwhile is not forgotten with it.
    if (held) return await keepSession(held)
    if (ended !== 'unknown') return await endUnread(found)
    ended = how
    draft = typed
    if (refusal && atIssuer === 'idle') atIssuer = { refused: refusal }
    if (found) return changeHands(found)
    // The log-out may have been the last that an earlier worker did, or the session ended with the browser.
    tell(() => dependencies.changedHands(null))
    tell(dependencies.changed)
  }

  /** The person logged out before the session could be read: now it can be ended. */
  async function endUnread(found: StoredSession | null): Promise<void> {
    if (found)
      await letGo(found, async () => {
        if (!held) await forgetSession()
      })
  }

  /**
   * Sees to it that the server hears of a log-out, and forgets the session.
   *
   * @throws when something of it is left to do.
   */
  async function letGo(last: StoredSession | null, forget: () => Promise<unknown>): Promise<void> {
    // Noted before anything is forgotten: where the device's database fails, the server must still be told.
    const noting = last ? inTime(notedWithin, notePendingLogout(last)) : Promise.resolve()
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
    return await adopt((server) => signIn(server, { ...ask, login, device }))
  }

  /** Takes a session in, if it is granted and neither session nor server is another one meanwhile. */
  async function adopt(asking: (server: string) => Promise<SignedIn>): Promise<LogInReply> {
    // A page that has not heard of it asks anew: its session would take the place of one whose connection is open.
    if (held) return { ok: false, why: 'interrupted' }
    const before = turn
    const server = dependencies.server()
    const serverChanged = () => dependencies.server() !== server && turn === before
    const overtaken = () => turn !== before || serverChanged()
    const signed = await asking(server)
    if (serverChanged()) sayServerChanged()
    if (!signed.ok) return signed
    const { session } = signed
    try {
      if (!overtaken()) {
        await keepSession(session)
        await keepHowEnded('never')
      }
      if (overtaken()) {
        if (serverChanged()) sayServerChanged()
        await keepWhatHolds()
        return await giveBack(session, 'interrupted')
      }
    } catch {
      return await giveBack(session, 'storage')
    }
    takeDraft('')
    atIssuer = 'idle'
    void forgetRefusal().catch(() => {})
    changeHands(session)
    return { ok: true }
  }

  /** Above the login form, since the popup has most likely closed when the person went to Options. */
  function sayServerChanged(): void {
    if (held) return
    ended = 'server-changed'
    void keepHowEnded(ended).catch(() => {})
    tell(dependencies.changed)
  }

  /** What was kept too soon gives way to what is so. */
  async function keepWhatHolds(): Promise<void> {
    if (held) await keepSession(held)
    else await forgetSession()
    await keepHowEnded(held || ended === 'unknown' ? 'never' : ended)
  }

  /** Ends a session that was granted and cannot be kept. */
  async function giveBack(session: StoredSession, why: 'interrupted' | 'storage'): Promise<LogInReply> {
    await notePendingLogout(session).then(sendPendingLogouts, () => {})
    return { ok: false, why }
  }

  async function logInAtIssuer(staySignedIn: boolean): Promise<void> {
    if (atIssuer === 'under-way' || held) return
    atIssuer = 'under-way'
    dependencies.changed()
    await forgetRefusal().catch(() => {})
    const reply = await adopt((server) =>
      signInAtIssuer(server, staySignedIn, () => held === null && dependencies.server() === server),
    )
    atIssuer = reply.ok ? 'idle' : { refused: reply }
    if (!reply.ok) await keepRefusal({ why: reply.why }).catch(() => {})
    dependencies.changed()
  }

  async function end(why: Ended): Promise<void> {
    const last = held
    const unread = !held && ended === 'unknown'
    ended = why
    changeHands(null)
    const ending = turn
    const untold = why === 'ended' ? null : last
    let late = false
    async function forget(): Promise<void> {
      // Someone may have signed in by the time that the browser can write again.
      if (turn !== ending) return
      // What could not be read yet is ended when it is read: its server must be told first.
      await Promise.all([keepHowEnded(why), unread ? null : forgetSession()])
    }
    const settle = keepTrying(
      async () => {
        await letGo(untold, forget)
        if (late) tell(dependencies.settled)
      },
      () => {
        late = true
      },
    )
    await settle.attempt()
  }

  return {
    held: () => held,
    state: () => {
      if (held) return { kind: 'signed-in', account: held.account }
      return ended === 'unknown' ? { kind: 'unknown' } : { kind: 'signed-out', why: ended, draft, atIssuer }
    },
    start,
    logIn: (ask) => {
      pending ??= logIn(ask).finally(() => {
        pending = null
      })
      return pending
    },
    logInAtIssuer: (staySignedIn) => void logInAtIssuer(staySignedIn),
    end,
    learnAccount: ({ name, username, email, picture }) => {
      if (!held) return
      held = { ...held, account: { name, username, email, picture } }
      void keepSession(held).catch(() => {})
      dependencies.changed()
    },
    keepDraft: takeDraft,
    opened: () => {
      if (held || ended !== 'exited') return
      ended = 'logged-out'
      void keepHowEnded(ended).catch(() => {})
      dependencies.changed()
    },
  }
}

/** Whoever listens cannot keep a session from changing hands, nor a log-out from being noted. */
function tell(listener: () => void): void {
  try {
    listener()
  } catch (error) {
    console.error(error)
  }
}
