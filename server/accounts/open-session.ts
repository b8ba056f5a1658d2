import { randomUUID } from 'node:crypto'
import type { SignInResponse } from '../../protocol/http.ts'
import type { Database } from '../database/tables.ts'
import { audit, type Client } from './audit.ts'
import { accountColumns, accountOf } from './find-account.ts'
import { hashOf, newSecret } from './secret-token.ts'
import { lifetimeOf, type SessionLifetimes } from './session-lifetimes.ts'

export interface Opening {
  readonly userId: string
  readonly device: string
  /** Thumbprint of the key that this device has just proven to hold. */
  readonly key: string
  readonly staySignedIn: boolean
  readonly from: Client
  /** The password's hash that was verified; it must still be the account's. Undefined without a password. */
  readonly passwordHash?: string | undefined
  /** How the person showed who they are, for the record. */
  readonly by: string
}

/**
 * Gives a person a session on a device, bound to that device's key, ends what session they had on it, and puts
 * it on record. Of its tokens nothing but hashes is kept. Call it in a transaction: all of it or nothing.
 *
 * @returns undefined, with nothing done, when the person is disabled, or their password is not the one that was
 * verified any more.
 */
export async function openSession(
  db: Database,
  lifetimes: SessionLifetimes,
  { userId, device, key, staySignedIn, from, by, passwordHash }: Opening,
  now: number,
): Promise<SignInResponse | undefined> {
  if (!(await maySignIn(db, userId, passwordHash))) return undefined
  const older = db
    .selectFrom('device')
    .select('sessionId')
    .where('userId', '=', userId)
    .where('device', '=', device)
  await db.deleteFrom('session').where('id', 'in', older).execute()
  const [token, endToken, sessionId] = [newSecret(), newSecret(), randomUUID()]
  const at = new Date(now).toISOString()
  await db
    .insertInto('session')
    .values({
      id: sessionId,
      userId,
      token: hashOf(token),
      expiresAt: new Date(now + lifetimeOf(lifetimes, staySignedIn)).toISOString(),
      createdAt: at,
      updatedAt: at,
      ipAddress: null,
      userAgent: null,
    })
    .execute()
  await db
    .insertInto('device')
    .values({
      sessionId,
      userId,
      device,
      key,
      endTokenHash: hashOf(endToken),
      staySignedIn: staySignedIn ? 1 : 0,
      label: from.label.slice(0, 200),
      address: from.address,
      seenAt: now,
    })
    .execute()
  await audit(db, { at: now, what: 'signed-in', who: userId, from, device, detail: { by, staySignedIn } })
  const row = await db
    .selectFrom('user')
    .select(accountColumns)
    .where('id', '=', userId)
    .executeTakeFirstOrThrow()
  return { token, endToken, account: accountOf(row) }
}

async function maySignIn(db: Database, userId: string, passwordHash: string | undefined): Promise<boolean> {
  const row = await db
    .selectFrom('user')
    .leftJoin('account', (on) =>
      on.onRef('account.userId', '=', 'user.id').on('account.providerId', '=', 'credential'),
    )
    .select(['user.disabledAt', 'account.password'])
    .where('user.id', '=', userId)
    .executeTakeFirst()
  if (row?.disabledAt !== null) return false
  return passwordHash === undefined || row.password === passwordHash
}
