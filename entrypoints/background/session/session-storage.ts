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

const signedOutReasons = [
  'never',
  'logged-out',
  'ended',
  'exited',
  'server-changed',
] as const satisfies readonly SignedOutReason[]

/** How the last session ended, so that the popup can still say it after any number of restarts. */
export async function readSignedOutReason(): Promise<SignedOutReason> {
  const { ended } = await browser.storage.local.get('ended')
  return v.parse(v.fallback(v.picklist(signedOutReasons), 'never'), ended)
}

export const storeSignedOutReason = (ended: SignedOutReason): Promise<void> =>
  browser.storage.local.set({ ended })

/** What was typed into Username outlives the popup and the worker, though not the browser. */
export const storeDraft = (draft: string): Promise<void> => browser.storage.session.set({ draft })

export async function readDraft(): Promise<string> {
  const { draft } = await browser.storage.session.get('draft')
  return typeof draft === 'string' ? draft : ''
}
