import { pino } from 'pino'
import { expect, test } from 'vitest'
import { defaultLifetimes } from '../../../server/accounts/session-lifetimes.ts'
import { insertSession } from '../../../server/accounts/session-rows.ts'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { createConnectionOrders } from '../../../server/presence/connection-order.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'
import { testClock } from '../support/test-clock.ts'

test('R4.1 a node finds of which of its sessions the device has a newer connection elsewhere, as long as that is there', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const clock = testClock()
  const user = { name: 'Ann', email: 'ann@example.test', emailVerified: false, username: 'ann' }
  const userId = await insertUser(db, user, clock.wall())
  const sessionOn = async (device: string) => {
    const session = { userId, device, jkt: 'k', staySignedIn: false, label: '', address: '' }
    await insertSession(db, session, defaultLifetimes.transient, clock.wall())
    const row = db.selectFrom('device').select('sessionId').where('device', '=', device)
    return (await row.executeTakeFirstOrThrow()).sessionId
  }
  const sessions = [await sessionOn('moved'), await sessionOn('stayed')]
  const nodeOf = (node: string) =>
    createConnectionOrders({
      db,
      clock,
      log: pino({ level: 'silent' }),
      node,
      others: { leasesAt: async () => undefined },
      isLive: () => false,
    })
  const [one, other] = [nodeOf('one'), nodeOf('other')]
  const claim = (device: string, connection: string, n: number) => ({
    ...{ userId, device, connection, takeOver: true },
    order: { boot: 1, n },
  })
  await one.claim(claim('moved', 'first', 1))
  await one.claim(claim('stayed', 'third', 1))
  expect(await one.elsewhere(sessions)).toEqual([])
  await other.claim(claim('moved', 'second', 2))
  const newer = { userId, device: 'moved', connection: 'second', order: { boot: 1, n: 2 }, node: 'other' }
  expect(await one.elsewhere(sessions)).toEqual([newer])
  expect(await other.elsewhere(sessions)).toEqual([expect.objectContaining({ device: 'stayed' })])
  other.gone({ userId, device: 'moved', connection: 'second' })
  await other.flush()
  expect(await one.elsewhere(sessions)).toEqual([])
})
