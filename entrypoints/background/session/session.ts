import type { Ask, LogInReply } from '../../../messages/commands.ts'
import type { IssuerState, SessionState } from '../../../messages/state.ts'
import type { Account } from '../../../protocol/line.ts'
import { deviceId } from './device-id.ts'
import { keepDraft, readDraft } from './draft.ts'
import { isEnding, noteEnding, tellEndings } from './endings.ts'
import { forgetSession, type HeldSession, keepSession, readSession } from './held-session.ts'
import { type HowEnded, keepHowEnded, readHowEnded } from './how-ended.ts'
import { forgetRefusal, keepRefusal, readRefusal } from './issuer-flow.ts'
import { signInAtIssuer } from './issuer-sign-in.ts'
import { type SignedIn, signIn } from './sign-in.ts'

type Ended = Exclude<HowEnded, 'never'>

export interface Session {
  readonly state: () => SessionState
  readonly held: () => HeldSession | null
  /** Takes up what an earlier worker kept. */
  readonly start: () => Promise<void>
  /** One sign-in at a time: a second request while one is under way gets the first one's reply. */
  readonly logIn: (ask: Ask<'log-in'>) => Promise<LogInReply>
  /** Begins a sign-in at the server's issuer, unless one is under way; how it goes is in the state. */
  readonly logInAtIssuer: (staySignedIn: boolean) => void
  /** Ends the session here at once, forgets its secrets, and notes that the server has to be told. */
  readonly end: (why: Ended) => Promise<void>
  readonly learnAccount: (account: Account) => void
  readonly keepDraft: (draft: string) => void
  /** The person came back after Exit. */
  readonly opened: () => void
}

export interface SessionWorld {
  readonly server: () => string
  /** Someone is signed in from now on, or nobody is any more. Called before anything is awaited. */
  readonly became: (held: HeldSession | null) => void
  readonly changed: () => void
}

/** The only owner of the session; the password passes through `logIn` and is kept nowhere. */
export function createSession(world: SessionWorld): Session {
  let held: HeldSession | null = null
  let ended: HowEnded | 'unknown' = 'unknown'
  let draft = ''
  let atIssuer: IssuerState = 'idle'
  let pending: Promise<LogInReply> | null = null
  /** Counts changes of hands, so that what was begun before one is not finished after it. */
  let turn = 0

  function become(next: HeldSession | null): void {
    turn += 1
    held = next
    world.became(next)
    world.changed()
  }

  function takeDraft(typed: string): void {
    draft = typed
    void keepDraft(typed)
  }

  async function start(): Promise<void> {
    const before = turn
    const kept = await Promise.all([readHowEnded(), readDraft(), readRefusal(), readSession()]).catch(
      () => null,
    )
    if (turn !== before) return
    const [how, typed, refusal, read] = kept ?? (['storage', '', null, null] as const)
    // A session that was logged out of stays so, though the device could not forget it then.
    const found = read && !(await isEnding(read.endToken)) ? read : null
    if (turn !== before) return
    ended = how
    draft = typed
    if (refusal && atIssuer === 'idle') atIssuer = { refused: refusal }
    if (found) become(found)
    else world.changed()
  }

  async function logIn(ask: Ask<'log-in'>): Promise<LogInReply> {
    const login = ask.login.trim()
    if (login === '') return { ok: false, why: 'empty-login' }
    if (ask.password === '') return { ok: false, why: 'empty-password' }
    const device = await deviceId()
    return await adopt(() => signIn(world.server(), { ...ask, login, device }))
  }

  /** Takes a session in, if it is granted and nothing has changed hands meanwhile. */
  async function adopt(asking: () => Promise<SignedIn>): Promise<LogInReply> {
    const before = turn
    const signed = await asking()
    if (!signed.ok) return signed
    const { session } = signed
    try {
      if (turn !== before) return await giveBack(session, 'interrupted')
      await keepSession(session)
      await keepHowEnded('never')
      if (turn !== before) {
        await forgetSession()
        await keepHowEnded(ended === 'unknown' ? 'never' : ended)
        return await giveBack(session, 'interrupted')
      }
    } catch {
      return await giveBack(session, 'storage')
    }
    takeDraft('')
    atIssuer = 'idle'
    void forgetRefusal()
    become(session)
    return { ok: true }
  }

  /** Ends a session that was granted and cannot be kept. */
  async function giveBack(session: HeldSession, why: 'interrupted' | 'storage'): Promise<LogInReply> {
    await noteEnding(session).then(tellEndings, () => {})
    return { ok: false, why }
  }

  async function logInAtIssuer(staySignedIn: boolean): Promise<void> {
    if (atIssuer === 'under-way' || held) return
    atIssuer = 'under-way'
    world.changed()
    await forgetRefusal()
    const reply = await adopt(() => signInAtIssuer(world.server(), staySignedIn, () => held === null))
    atIssuer = reply.ok ? 'idle' : { refused: reply }
    if (!reply.ok) await keepRefusal({ why: reply.why })
    world.changed()
  }

  async function end(why: Ended): Promise<void> {
    const last = held
    ended = why
    become(null)
    // Noted before anything is forgotten: where the device's database fails, the server must still be told.
    if (last && why !== 'ended') await noteEnding(last)
    await keepHowEnded(why)
    await forgetSession().catch(() => {})
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
      world.changed()
    },
    keepDraft: takeDraft,
    opened: () => {
      if (held || ended !== 'exited') return
      ended = 'logged-out'
      void keepHowEnded(ended)
      world.changed()
    },
  }
}
