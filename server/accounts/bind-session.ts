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
  /** How the person showed who they are, for the record. */
  readonly by: string
}

/**
 * Gives a session that better-auth has just made its life, its device and that device's key, ends what
 * session the person had on it, and keeps nothing but hashes of its tokens. All of it or nothing.
 */
export async function bindSession(
  db: Database,
  lives: SessionLives,
  token: string,
  { device, key, staySignedIn, from, by }: Binding,
  now: number,
): Promise<SignInResponse> {
  const endToken = newSecret()
  const expiresAt = new Date(now + lifeOf(lives, staySignedIn)).toISOString()
  const account = await db.transaction().execute(async (transaction) => {
    const session = await transaction
      .updateTable('session')
      .set({ token: hashOf(token), expiresAt })
      .where('token', '=', token)
      .returning(['id', 'userId'])
      .executeTakeFirstOrThrow()
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
  return { token, endToken, account }
}
