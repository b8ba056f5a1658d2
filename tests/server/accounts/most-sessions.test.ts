import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { closeCodes } from '../../../protocol/close-codes.ts'
import { openSession } from '../../../server/accounts/open-session.ts'
import { defaultLifetimes } from '../../../server/accounts/session-lifetimes.ts'
import type { Database } from '../../../server/database/tables.ts'
import { purge } from '../../../server/purge.ts'
import { openAccount } from '../my-account/at-account.ts'
import { signIn, trySignIn } from '../support/api-client.ts'
import { keyOf } from '../support/dpop-proofs.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, ben, sessionOf } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'

const day = 86_400_000
const kept = { auditKeptFor: 1_000 * day, callsKeptFor: 1_000 * day, messagesKeptFor: 1_000 * day }

async function annSignsIn() {
  const server = await startInProcessServer()
  const [id = '', ofBen = ''] = await addPeople(server.dataDir, ann, ben)
  const db = await server.db()
  const open = (n: number, now = server.clock.wall()) => {
    const from = { address: '198.51.100.7', label: '' }
    const on = { device: `other-${n}`, jkt: `key-${n}`, staySignedIn: true, from, by: 'password' } as const
    return db.transaction().execute((t) => openSession(t, defaultLifetimes, { userId: id, ...on }, now))
  }
  return { server, db, id, ofBen, open }
}

const devicesOf = async (db: Database, userId: string) =>
  (await db.selectFrom('device').select('device').where('userId', '=', userId).execute()).map(
    ({ device }) => device,
  )

const endedOf = async (db: Database) =>
  (await db.selectFrom('audit').selectAll().where('what', '=', 'session-ended').execute()).map((entry) => ({
    who: entry.who,
    device: entry.device,
    ...JSON.parse(entry.detail),
  }))

/** As an older version let them be. */
const addSessions = async (db: Database, userId: string, many: number, seenAt: number) => {
  const [before, after] = [new Date(seenAt).toISOString(), new Date(Date.now() + 9 * day).toISOString()]
  await sql`insert into session ("id", "userId", "token", "expiresAt", "createdAt", "updatedAt")
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${many})
    select ${userId} || i, ${userId}, ${userId} || i, ${after}, ${before}, ${before} from n`.execute(db)
  await sql`insert into device ("sessionId", "userId", "device", "endTokenHash", "key", "staySignedIn", "label", "address", "seenAt")
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${many})
    select ${userId} || i, ${userId}, 'old-' || i, ${userId} || i, 'key', 1, '', '192.0.2.1', ${seenAt} + i from n`.execute(
    db,
  )
}

test('A2.11 a person has fifty sessions: the next ends the one unused for longest, whose device is told', async () => {
  const { server, db, id, ofBen, open } = await annSignsIn()
  const { token } = await signIn(server, ann, 'device-1')
  const device = await connectDevice(server.url, token, 'device-1')
  await device.lease()
  const bens = await connectDevice(server.url, await sessionOf(server, ben, 'device-b'), 'device-b')
  const now = server.clock.wall()
  for (let n = 1; n < 50; n += 1) await open(n, now + n)
  expect(await devicesOf(db, id)).toHaveLength(50)
  expect(await endedOf(db)).toEqual([])
  server.clock.advance(1_000)
  expect((await trySignIn(server, { login: 'ann', password: ann.password, device: 'last' })).status).toBe(200)
  expect((await device.closed()).code).toBe(closeCodes.sessionEnded.code)
  const left = await devicesOf(db, id)
  expect([left.length, left.includes('device-1'), left.includes('last')]).toEqual([50, false, true])
  expect(await endedOf(db)).toEqual([{ who: id, device: 'device-1', by: 'limit', ended: 1 }])
  await bens.lease()
  expect(await devicesOf(db, ofBen)).toEqual(['device-b'])
})

test('A2.11 the session that begins stays, also when the clock was set back, and so does a device that signs in again', async () => {
  const { server, db, id, open } = await annSignsIn()
  const now = server.clock.wall()
  for (let n = 1; n <= 50; n += 1) await open(n, now + n)
  await open(50, now + 60)
  expect(await endedOf(db)).toEqual([])
  await open(51, now - day)
  expect(await devicesOf(db, id)).toContain('other-51')
  expect(await endedOf(db)).toMatchObject([{ device: 'other-1' }])
})

test('A2.11 of whoever has more from before, a batch at a time goes, those unused for longest, and the record says how many', async () => {
  const { server, db, id, ofBen } = await annSignsIn()
  const now = server.clock.wall()
  await addSessions(db, id, 700, now - day)
  await addSessions(db, ofBen, 50, now - day)
  await purge(db, now, kept)
  expect((await devicesOf(db, id)).sort()).toEqual(
    Array.from({ length: 50 }, (_, n) => `old-${n + 651}`).sort(),
  )
  expect(await devicesOf(db, ofBen)).toHaveLength(50)
  const ended = await endedOf(db)
  expect(ended.map(({ who, by, ended: count }) => [who, by, count])).toEqual([
    [id, 'limit', 250],
    [id, 'limit', 250],
    [id, 'limit', 150],
  ])
})

test('A2.11 W9.2 until then the page lists fifty, this device among them, and is done at once', async () => {
  const { server, db, id } = await annSignsIn()
  await addSessions(db, id, 20_000, Date.now() + day)
  const token = await sessionOf(server, ann, 'device-1')
  const pages = await openAccount(server, token)
  const begun = performance.now()
  const page = await (await pages.getPage()).text()
  const took = performance.now() - begun
  expect(page.match(/Logged in from/g)).toHaveLength(50)
  expect(page).toContain('This device')
  // With all of them it was two seconds.
  expect(took).toBeLessThan(500)
})

test('A3.10 keys of devices that are signed in are pushed out by nobody, and count apart from the twenty', async () => {
  const { server, db, id, open } = await annSignsIn()
  await signIn(server, ann, 'device-1')
  const { thumbprint } = await keyOf('device-1')
  const isKnown = async () =>
    (await db.selectFrom('knownDevice').select('key').where('userId', '=', id).execute()).some(
      ({ key }) => key === thumbprint,
    )
  // Somebody who knows the password.
  for (let n = 1; n < 50; n += 1) await open(n, server.clock.wall() + n)
  expect(await isKnown()).toBe(true)
  // Her session is over now, and hers is still the one of those that was used last.
  await open(50, server.clock.wall() + 50)
  expect(await devicesOf(db, id)).not.toContain('device-1')
  expect(await isKnown()).toBe(true)
})
