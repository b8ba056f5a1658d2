import type { SignInResponse } from '../../protocol/http.ts'
import type { Database } from '../database/tables.ts'
import { audit, type Client } from './audit.ts'
import { findAccountToOpen } from './find-account.ts'
import { rememberDevice } from './known-devices.ts'
import { lifetimeOf, type SessionLifetimes } from './session-lifetimes.ts'
import { deleteSessionOn, deleteSessionsBeyond, findWhoHasTooMany, insertSession } from './session-rows.ts'

export interface Opening {
  readonly userId: string
  readonly device: string
  /** Thumbprint of the key that this device has just proven to hold. */
  readonly jkt: string
  readonly staySignedIn: boolean
  readonly from: Client
  /** The password's hash that was verified; it must still be the account's. Undefined without a password. */
  readonly passwordHash?: string
  /** How the person showed who they are, for the record. */
  readonly by: 'password' | 'issuer'
}

export type Opened =
  | { readonly kind: 'opened'; readonly session: SignInResponse }
  | { readonly kind: 'refused'; readonly why: 'account-disabled' | 'wrong-credentials' }

/**
 * Gives a person a session on a device, bound to that device's key, ends what session they had on it, and puts
 * it on record. Of more than a person may have the one unused for longest ends; its device is the caller's to tell. Call
 * it in a transaction: all of it or nothing.
 *
 * @returns `refused`, with nothing done, when the person is disabled, or their password is not the one that was
 * verified any more: verifying takes its time.
 */
export async function openSession(
  db: Database,
  lifetimes: SessionLifetimes,
  { userId, device, jkt, staySignedIn, from, by, passwordHash }: Opening,
  now: number,
): Promise<Opened> {
  const found = await findAccountToOpen(db, { userId })
  if (!found || found.disabled) return { kind: 'refused', why: 'account-disabled' }
  if (passwordHash !== undefined && found.passwordHash !== passwordHash)
    return { kind: 'refused', why: 'wrong-credentials' }
  await deleteSessionOn(db, userId, device)
  const { address, label } = from
  const session = { userId, device, jkt, staySignedIn, address, label }
  // By the password alone: whoever can sign in at the issuer could make ever new keys known, each with guesses of its own.
  if (by === 'password') await rememberDevice(db, userId, jkt, now)
  const tokens = await insertSession(db, session, lifetimeOf(lifetimes, staySignedIn), now)
  await audit(db, { at: now, what: 'signed-in', who: userId, from, device, detail: { by, staySignedIn } })
  await endSessionsBeyond(db, userId, now, device)
  return { kind: 'opened', session: { ...tokens, account: found.account } }
}

async function endSessionsBeyond(db: Database, userId: string, now: number, stays?: string): Promise<void> {
  const devices = await deleteSessionsBeyond(db, userId, stays)
  if (devices.length === 0) return
  const device = devices.length === 1 ? devices[0] : undefined
  const detail = { by: 'limit', ended: devices.length }
  await audit(db, { at: now, what: 'session-ended', who: userId, device, detail })
}

/**
 * Ends a batch of what somebody has beyond the limit, from before there was one. Their devices are told at their next
 * heartbeat.
 *
 * @returns whether there may be more.
 */
export const endSurplusSessions = (db: Database, now: number): Promise<boolean> =>
  db.transaction().execute(async (transaction) => {
    const userId = await findWhoHasTooMany(transaction)
    if (userId === undefined) return false
    await endSessionsBeyond(transaction, userId, now)
    return true
  })
