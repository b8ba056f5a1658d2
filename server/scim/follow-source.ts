import { audit } from '../accounts/audit.ts'
import { endLinksOf } from '../accounts/links.ts'
import { endSessionsOf } from '../accounts/sessions.ts'
import { insertPassword, setPassword } from '../accounts/set-password.ts'
import type { Database } from '../database/tables.ts'
import type { Provisioning } from './provisioning.ts'
import { sourceOf } from './source.ts'
import { takeIdentity } from './take-identity.ts'

const recorded = { POST: 'provisioned', DELETE: 'deprovisioned' } as const

/**
 * Brings an account to what the clinic's system has just said, in the transaction in which the plugin keeps
 * that: both or neither.
 *
 * @param active whether the clinic's system still wants them to sign in.
 * @throws what the clinic's system is to be told.
 */
export async function followSource(current: Provisioning, userId: string, active: boolean): Promise<void> {
  const { transaction: db, method } = current
  if (!db) throw new Error('the SCIM plugin told of a person outside of its transaction')
  const source = await sourceOf(db, userId)
  if (source) await takeIdentity(db, source, current)
  if (source) await takePassword(db, current, userId)
  const what = method in recorded ? recorded[method as keyof typeof recorded] : 'provisioning-changed'
  await recordProvisioning(db, current, userId, what)
  await allow(db, current, userId, active)
  current.touched.add(userId)
}

/**
 * Sets the password that came with a request, if one did and is not set yet. Where there was another, its
 * sessions end and the person is told by mail.
 */
export async function takePassword(db: Database, current: Provisioning, userId: string): Promise<void> {
  const { password: hash, now } = current
  if (hash === undefined) return
  current.password = undefined
  const had = await db
    .selectFrom('account')
    .select('id')
    .where('userId', '=', userId)
    .where('providerId', '=', 'credential')
    .executeTakeFirst()
  if (!had) return insertPassword(db, userId, hash, now)
  await setPassword(db, { userId, hash, asked: 'en' }, now)
  const ended = await endSessionsOf(db, userId)
  await recordProvisioning(db, current, userId, 'password-changed', { ended })
  current.touched.add(userId)
}

/** Lets a person sign in, or no more: then everything ends by which they are here. */
async function allow(db: Database, current: Provisioning, userId: string, active: boolean): Promise<void> {
  const { disabledAt } = await db
    .selectFrom('user')
    .select('disabledAt')
    .where('id', '=', userId)
    .executeTakeFirstOrThrow()
  if (active === (disabledAt === null)) return
  await db
    .updateTable('user')
    .set({ disabledAt: active ? null : current.now })
    .where('id', '=', userId)
    .execute()
  if (active) return recordProvisioning(db, current, userId, 'account-enabled')
  const ended = await endSessionsOf(db, userId)
  await endLinksOf(db, userId, 'withdrawn', current.now)
  await recordProvisioning(db, current, userId, 'account-disabled', { ended })
}

/** Puts on record what a key of the clinic's system did. */
export const recordProvisioning = (
  db: Database,
  { caller, from, now }: Provisioning,
  who: string,
  what: Parameters<typeof audit>[1]['what'],
  detail: { readonly ended?: number } = {},
): Promise<void> => audit(db, { at: now, what, who, from, detail: { by: caller.name, ...detail } })
