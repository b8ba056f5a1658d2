import type { Database } from '../database/tables.ts'
import { type BrowserName, browserName } from './browser-name.ts'

/** One place where a person is signed in. */
export interface ListedDevice extends BrowserName {
  readonly sessionId: string
  /** As it was when they signed in. */
  readonly address: string
  /** Wall-clock ms, to the hour. */
  readonly seenAt: number
  /** Whether these pages were opened from there. */
  readonly here: boolean
}

/** Where a person is signed in: this device first, then the ones last seen. */
export async function listDevices(
  db: Database,
  userId: string,
  here: string,
  now: number,
): Promise<ListedDevice[]> {
  const rows = await db
    .selectFrom('session')
    .innerJoin('device', 'device.sessionId', 'session.id')
    .select(['session.id', 'device.label', 'device.address', 'device.seenAt'])
    .where('session.userId', '=', userId)
    .where('session.expiresAt', '>', new Date(now).toISOString())
    .orderBy('device.seenAt', 'desc')
    .execute()
  const devices = rows.map(({ id, label, address, seenAt }) => ({
    ...browserName(label),
    ...{ sessionId: id, address, seenAt, here: id === here },
  }))
  return devices.sort((a, b) => Number(b.here) - Number(a.here))
}
