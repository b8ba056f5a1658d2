import type { SignInResponse } from '../../protocol/http.ts'
import type { Database } from '../database/tables.ts'
import { audit, type Origin } from './audit.ts'
import { accountColumns, accountOf } from './find-account.ts'
import { hashOf, newSecret } from './secret-token.ts'
import { lifeOf, type SessionLives } from './session-life.ts'

export interface Binding {
  readonly device: string
  /** Thumbprint of the key that this device has just proven to hold. */
  readonly key: string
  readonly staySignedIn: boolean
  readonly from: Origin
  /** The password's hash that was verified; it must still be the account's. Undefined without a password. */
  readonly passwordHash?: string | undefined
  /** How the person showed who they are, for the record. */
  readonly by: string
}

/**
 * Gives a session that better-auth has just made its life, its device and that device's key, ends what
 * session the person had on it, and keeps nothing but hashes of its tokens. All of it or nothing.
 *
 * @returns undefined, and the new session is gone, when it was ended meanwhile, the person was disabled, or
 * their password is not the one that was verified any more.
 */
export async function bindSession(
  db: Database,
  lives: SessionLives,
  token: string,
  { device, key, staySignedIn, from, by, passwordHash }: Binding,
  now: number,
): Promise<SignInResponse | undefined> {
  const endToken = newSecret()
  const expiresAt = new Date(now + lifeOf(lives, staySignedIn)).toISOString()
  const account = await db.transaction().execute(async (transaction) => {
    const session = await transaction
      .updateTable('session')
      .set({ token: hashOf(token), expiresAt })
      .where('token', '=', token)
      .returning(['id', 'userId'])
      .executeTakeFirst()
    if (!session) return undefined
    if (!(await maySignIn(transaction, session.userId, passwordHash))) {
      await transaction.deleteFrom('session').where('id', '=', session.id).execute()
      return undefined
    }
    const older = transaction
      .selectFrom('device')
      .select('sessionId')
      .where('userId', '=', session.userId)
      .where('device', '=', device)
    await transaction.deleteFrom('session').where('id', 'in', older).execute()
    await transaction
      .insertInto('device')
      .values({
        sessionId: session.id,
        userId: session.userId,
        device,
        key,
        endTokenHash: hashOf(endToken),
        staySignedIn: staySignedIn ? 1 : 0,
        label: from.label.slice(0, 200),
        address: from.address,
        seenAt: now,
      })
      .execute()
    const detail = { by, staySignedIn }
    await audit(transaction, { at: now, what: 'signed-in', who: session.userId, from, device, detail })
    const row = await transaction
      .selectFrom('user')
      .select(accountColumns)
      .where('id', '=', session.userId)
      .executeTakeFirstOrThrow()
    return accountOf(row)
  })
  return account && { token, endToken, account }
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
