import { expect, test } from 'vitest'
import { countHeldBack } from '../../../server/accounts/held-back.ts'
import { requestReset } from '../../../server/accounts/link-requests.ts'
import { deleteExpiredRequests } from '../../../server/accounts/request-rate-limit.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'

const hour = 3_600_000

/** Requests that nobody settles. */
async function unsettled() {
  const db = await openTestDatabase(temporaryFolder())
  const ask = async (login: string, address: string, now = 1_000) =>
    (await requestReset({ db, secret: 'secret' }, login, { address, language: 'en' }, now)).kind
  const addresses = async () => {
    const rows = await db.selectFrom('mail').select('values').execute()
    return rows.map(({ values }) => String(JSON.parse(values ?? '{}').address))
  }
  return { db, ask, addresses }
}

test('W2.11 five hundred requests wait at most, and of more those of whoever asks the most are dropped, told as all are', async () => {
  const { db, ask, addresses } = await unsettled()
  let asked = 0
  const flood = async (count: number) => {
    for (let n = 0; n < count; n += 1) {
      asked += 1
      const address = `2001:db8:${asked.toString(16)}:1::1`
      expect(await ask(`nobody-${asked}`, address)).toBe('requested')
    }
  }
  await flood(500)
  expect(await ask('ann', '192.0.2.9')).toBe('requested')
  await flood(100)
  expect(await addresses()).toHaveLength(500)
  expect(await addresses()).toContain('192.0.2.9')
  await countHeldBack(db)
  const more = await db.selectFrom('auditRateLimit').select(['what', 'more']).execute()
  expect(more).toEqual([{ what: 'reset-asked', more: 101 }])
}, 60_000)

test('W2.11 W2.4 whoever is dropped may ask as often as before', async () => {
  const { db, ask } = await unsettled()
  for (let n = 0; n < 480; n += 1) await ask(`nobody-${n}`, `2001:db8:${n.toString(16)}:1::1`)
  for (let n = 0; n < 20; n += 1) await ask(`somebody-${n}`, '192.0.2.9')
  const counted = () => db.selectFrom('rateLimited').select('at').execute()
  const before = (await counted()).length
  for (let n = 0; n < 30; n += 1) await ask('ann', `2001:db8:ffff:${n.toString(16)}::1`)
  const rows = await db.selectFrom('mail').select('id').execute()
  expect(rows).toHaveLength(500)
  // By name, address and network, of each that was taken.
  expect(((await counted()).length - before) % 3).toBe(0)
  expect(await ask('ann', '198.51.100.1', 1_000 + hour)).toBe('requested')
})

test('W2.4 a hundred times an hour from one IPv6 network, however many addresses it has', async () => {
  const { ask } = await unsettled()
  const from = (n: number, network = 1) => ask(`nobody-${n}`, `2001:db8:${network}:${n.toString(16)}::1`)
  for (let n = 0; n < 100; n += 1) expect(await from(n)).toBe('requested')
  expect(await from(100)).toBe('too-often')
  expect(await from(101, 2)).toBe('requested')
})

test('W2.7 a request is counted for an hour and then forgotten', async () => {
  const { db, ask } = await unsettled()
  await ask('ann', '192.0.2.9')
  const left = () => db.selectFrom('rateLimited').select('at').execute()
  await deleteExpiredRequests(db, 1_000 + hour)
  expect(await left()).toHaveLength(2)
  await deleteExpiredRequests(db, 1_001 + hour)
  expect(await left()).toEqual([])
})
