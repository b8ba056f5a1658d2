import { del, delMany, get, set } from 'idb-keyval'
import * as v from 'valibot'
import type { SignedOutReason } from '../../../messages/state.ts'
import { browser } from '../../../platform/browser.ts'
import { inDatabase } from './database.ts'

const storedSession = v.object({
  server: v.string(),
  token: v.string(),
  endToken: v.string(),
  staySignedIn: v.boolean(),
  account: v.object({
    name: v.string(),
    username: v.nullable(v.string()),
    email: v.string(),
    picture: v.nullable(v.string()),
  }),
})

/** One sign-in as this device keeps it. The password is not in it and never was. */
export type StoredSession = v.InferOutput<typeof storedSession>

const key = 'session'

/** How long a session handed over an extension update may wait for the new worker, in milliseconds. */
const handOverWithin = 60_000
const handOver = v.object({ at: v.number(), session: storedSession })

/**
 * Keeps the session, and no other: until the browser closes, or with "Stay signed in" beyond that.
 *
 * @throws when the browser cannot write, for want of space for instance.
 */
export async function storeSession(session: StoredSession): Promise<void> {
  if (session.staySignedIn) {
    await inDatabase((opened) => set(key, session, opened))
    await browser.storage.session.remove(key)
  } else {
    await browser.storage.session.set({ [key]: session })
    await inDatabase((opened) => del(key, opened))
  }
}

/** The session kept by an earlier worker, browser or version of the extension; null when there is none. */
export async function readSession(): Promise<StoredSession | null> {
  const { [key]: fleeting } = await browser.storage.session.get(key)
  const kept = fleeting ?? (await inDatabase((opened) => get<unknown>(key, opened))) ?? (await takeHandOver())
  const parsed = v.safeParse(storedSession, kept)
  return parsed.success ? parsed.output : null
}

export async function clearSession(): Promise<void> {
  await Promise.all([
    browser.storage.session.remove(key),
    inDatabase((opened) => delMany([key, 'hand-over'], opened)),
  ])
}

/** Carries a session that dies with the browser over a reload of the extension, which empties `storage.session`. */
export async function handOverSession(session: StoredSession): Promise<void> {
  if (!session.staySignedIn)
    await inDatabase((opened) => set('hand-over', { at: Date.now(), session }, opened))
}

async function takeHandOver(): Promise<StoredSession | null> {
  const left = await inDatabase((opened) => get<unknown>('hand-over', opened))
  if (left === undefined) return null
  const parsed = v.safeParse(handOver, left)
  const fresh = parsed.success && Math.abs(Date.now() - parsed.output.at) <= handOverWithin
  // Kept before it is let go of: a browser that fails in between must not lose it.
  if (fresh) await storeSession(parsed.output.session)
  await inDatabase((opened) => del('hand-over', opened))
  return fresh ? parsed.output.session : null
}

/** Who logged in last and was not logged out by hand, for the next login form. No secret is in it. */
const lastLogIn = v.object({
  /** The server that took the name. */
  server: v.string(),
  /** As it was typed; null after a sign-in at the issuer, where none was. */
  login: v.nullable(v.string()),
  staySignedIn: v.boolean(),
})
export type LastLogIn = v.InferOutput<typeof lastLogIn>

export async function readLastLogIn(): Promise<LastLogIn | null> {
  const kept = await browser.storage.local.get('lastLogIn')
  const parsed = v.safeParse(lastLogIn, kept.lastLogIn)
  return parsed.success ? parsed.output : null
}

export const forgetLastLogIn = (): Promise<void> => browser.storage.local.remove('lastLogIn')

const signedOutReasons = Object.keys({
  never: true,
  'logged-out': true,
  ended: true,
  'password-changed': true,
  'ended-in-my-account': true,
  'browser-closed': true,
  lost: true,
  exited: true,
  returned: true,
  'server-changed': true,
} satisfies Record<SignedOutReason, true>) as SignedOutReason[]

/** How the last session ended, so that the popup can still say it after any number of restarts. */
export interface SessionEnd {
  /** `never` also while one lasts. */
  readonly ended: SignedOutReason
  /** Whether the rest lasts that Exit began. */
  readonly resting: boolean
}

export async function readSessionEnd(): Promise<SessionEnd> {
  const kept = await browser.storage.local.get(['ended', 'resting'])
  const ended = v.parse(v.fallback(v.picklist(signedOutReasons), 'never'), kept.ended)
  // An earlier version kept no more than the reason, which was another one once the rest was over.
  return { ended, resting: v.parse(v.fallback(v.boolean(), ended === 'exited'), kept.resting) }
}

export const storeSessionEnd = ({ ended, resting }: SessionEnd): Promise<void> =>
  browser.storage.local.set({ ended, resting })

/**
 * How the last session ended, or that one lasts (`never`), and who logged in last: all at once, so that no name stands
 * beside a cause that is not its own.
 */
export const storeSessionEndAndName = (
  { ended, resting }: SessionEnd,
  lastLogIn: LastLogIn | null,
): Promise<void> => browser.storage.local.set({ ended, resting, lastLogIn })

/** What was typed into Username outlives the popup and the worker, though not the browser. */
export const storeDraft = (draft: string): Promise<void> => browser.storage.session.set({ draft })

export const clearDraft = (): Promise<void> => browser.storage.session.remove('draft')

/** @returns null when nothing was typed since the last log-in. */
export async function readDraft(): Promise<string | null> {
  const { draft } = await browser.storage.session.get('draft')
  return typeof draft === 'string' ? draft : null
}
