import { expect } from 'vitest'
import type { Database } from '../../../server/database/tables.ts'

/** At which node a device’s connection is, and since when it has gone, as all nodes read it. */
export const placeOf = (db: Database, device: string) =>
  db.selectFrom('connectionOrder').select(['node', 'goneAt']).where('device', '=', device).executeTakeFirst()

/** Resolves once the node of a closed connection has written down that it has gone. */
export const gone = (db: Database, device: string): Promise<void> =>
  expect
    .poll(async () => (await placeOf(db, device))?.goneAt ?? null, { timeout: 5_000, interval: 20 })
    .not.toBeNull()
