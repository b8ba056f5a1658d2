import { type BrowserName, browserName } from '../accounts/browser-name.ts'
import type { LeasesOf } from '../accounts/leases-of.ts'
import { keepSessionEnds, type SessionEnd } from '../accounts/session-ends.ts'
import { deleteSession, deleteSessionsOf, mostSessions } from '../accounts/session-rows.ts'
import type { Database } from '../database/tables.ts'
import { type Actor, recordChange } from './record-change.ts'

/** One place where a person is signed in. */
export interface ListedDevice extends BrowserName {
  readonly sessionId: string
  /** As it was when they signed in. */
  readonly address: string
  /** Wall-clock ms, up to an hour before it was last seen. */
  readonly seenAt: number
  /** Whether its session ended with the browser, if that was closed: nobody hears of a browser that closes. */
  readonly endsWithBrowser: boolean
  /** By its lease, as of `LeasesOf`; undefined while it holds none. */
  readonly provenFor: number | undefined
  /** Whether these pages were opened from there. */
  readonly here: boolean
}

/** Where a person is signed in: this device first, then those that are on now, then the ones last seen. */
export async function listDevices(
  db: Database,
  leasesOf: LeasesOf,
  { webSession: { userId, sessionId: here }, now }: Actor,
): Promise<ListedDevice[]> {
  const rows = await db
    .selectFrom('session')
    .innerJoin('device', 'device.sessionId', 'session.id')
    .select(['session.id as sessionId', 'device.label', 'device.address', 'device.seenAt'])
    .select('device.staySignedIn')
    .where('session.userId', '=', userId)
    .where('session.expiresAt', '>', new Date(now).toISOString())
    .orderBy((e) => e('session.id', '=', here), 'desc')
    .orderBy('device.seenAt', 'desc')
    .limit(mostSessions)
    .execute()
  const leases = await leasesOf(userId)
  const devices = rows.map(({ label, staySignedIn, ...row }) => ({
    ...row,
    ...browserName(label),
    endsWithBrowser: staySignedIn === 0,
    provenFor: leases.get(row.sessionId),
    here: row.sessionId === here,
  }))
  const place = ({ here: first, provenFor }: ListedDevice) => (first ? 0 : provenFor === undefined ? 2 : 1)
  return devices.toSorted((one, other) => place(one) - place(other))
}

const endedHere = ({ now: at }: Actor): SessionEnd => ({ why: 'endedInMyAccount', at })

/** Signs a person out everywhere else. The devices are the caller's to tell. @returns how many there were. */
export const signOutOthers = (db: Database, actor: Actor): Promise<number> =>
  db.transaction().execute(async (transaction) => {
    const { userId, sessionId: stays } = actor.webSession
    const ended = await deleteSessionsOf(transaction, userId, { stays, end: endedHere(actor) })
    if (ended > 0) await recordChange(transaction, 'session-ended', actor, { ended })
    return ended
  })

/** Signs one device of a person out, if it is theirs. @returns whether it was signed in. */
export const signOutOne = (db: Database, actor: Actor, sessionId: string): Promise<boolean> =>
  db.transaction().execute(async (transaction) => {
    const { userId } = actor.webSession
    const device = await transaction
      .selectFrom('device')
      .select('device')
      .where('sessionId', '=', sessionId)
      .where('userId', '=', userId)
      .executeTakeFirst()
    if (!device) return false
    await keepSessionEnds(transaction, userId, endedHere(actor), { only: sessionId })
    await deleteSession(transaction, sessionId)
    await recordChange(transaction, 'session-ended', actor, { ended: device.device })
    return true
  })
