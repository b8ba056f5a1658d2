import { expect, test } from 'vitest'
import { openSession } from '../../../server/accounts/open-session.ts'
import { defaultLifetimes } from '../../../server/accounts/session-lifetimes.ts'
import { purge } from '../../../server/purge.ts'
import { atOnce, endSession, postFrom, signIn, trySignIn } from '../support/api-client.ts'
import { keyOf, newKey } from '../support/dpop-proofs.ts'
import { sendForm } from '../support/html-pages.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { linkIn, mailsTo } from '../support/mailbox.ts'
import { addPeople, ann, ben } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'

const minute = 60_000
const day = 24 * 60 * minute
const wrong = { login: 'ann', password: 'Wrong-horse-7' }
const right = { login: 'ann', password: ann.password }
const from = (address: string) => ({ 'x-forwarded-for': address })
const home = '198.51.100.7'

/** A guess at Ann's password by somebody with a key that was never seen. */
const strangersGuess = async (server: InProcessServer, address: string, login = wrong) =>
  postFrom(
    await newKey(),
    server,
    '/api/session',
    { device: 'd', staySignedIn: false, ...login },
    from(address),
  )

/** Ann has signed in at home, and out again. */
async function annWasHere() {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1' } })
  const [id = ''] = await addPeople(server.dataDir, ann, ben)
  const { endToken } = await signIn(server, ann)
  await endSession(server, endToken)
  return { server, id, db: await server.db() }
}

test('A3.9 strangers’ guesses, from the same address too, keep nobody out of a device on which they have signed in', async () => {
  const { server } = await annWasHere()
  const strangers: number[] = []
  const own: number[] = []
  // Nine minutes, and in each two sign-ins of hers.
  for (let n = 0; n < 18; n += 1) {
    const addresses = [home, '203.0.113.9'] as const
    strangers.push(...(await atOnce(2, (at) => strangersGuess(server, addresses[at] ?? home))))
    own.push((await trySignIn(server, right, from(home))).status)
    server.clock.advance(30_000)
  }
  expect(strangers).toContain(429)
  expect(strangers.filter((status) => status === 401).length).toBeGreaterThanOrEqual(9)
  expect(own).toEqual(Array(18).fill(200))
}, 60_000)

test('A3.9 a device that is known has five guesses of its own, and then waits longer each time', async () => {
  const { server } = await annWasHere()
  expect(await atOnce(5, () => trySignIn(server, wrong, from(home)))).toEqual(Array(5).fill(401))
  const refused = await trySignIn(server, right, from(home))
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([
    429,
    expect.stringMatching(/^[1-5]$/),
  ])
  // What was guessed here is no stranger's, nor the address's: a new device of hers is not kept waiting for it.
  expect((await trySignIn(server, { ...right, device: 'new' }, from(home))).status).toBe(200)
  server.clock.advance(5_000)
  expect((await trySignIn(server, right, from(home))).status).toBe(200)
  expect((await trySignIn(server, wrong, from(home))).status, 'the right one ended the count').toBe(401)
})

test('A3.9 the right password on a device that is known ends no count of strangers', async () => {
  const { server } = await annWasHere()
  expect(await atOnce(5, () => strangersGuess(server, '203.0.113.9'))).toEqual(Array(5).fill(401))
  expect((await trySignIn(server, right)).status).toBe(200)
  expect((await strangersGuess(server, '203.0.113.9')).status).toBe(429)
})

test('A3.9 a device is known to who has signed in on it, and to nobody else', async () => {
  const { server } = await annWasHere()
  await signIn(server, ben, 'bens')
  const onBens = (login: typeof wrong) => trySignIn(server, { ...login, device: 'bens' }, from('203.0.113.9'))
  expect(await atOnce(5, () => onBens(wrong))).toEqual(Array(5).fill(401))
  expect((await onBens(right)).status).toBe(429)
  // By each name of hers, and in any case, it is she.
  for (const login of ['ANN', ann.email])
    expect((await trySignIn(server, { ...right, login })).status, login).toBe(200)
})

test('A3.9 A1.2 strangers cannot tell whose devices are known, nor who there is', async () => {
  const { server } = await annWasHere()
  const tries = async (login: string) => {
    const answers: string[] = []
    for (let n = 0; n < 7; n += 1) {
      const response = await strangersGuess(server, `203.0.113.${login.length}`, { ...wrong, login })
      answers.push(`${response.status} ${(await response.text()).replace(/\d+ s|"retryAfter":\d+/g, '')}`)
    }
    return answers
  }
  const [hers, nobodys] = await Promise.all(['ann', 'nobody'].map(tries))
  expect(hers).toEqual(nobodys)
  expect(hers?.map((answer) => answer.slice(0, 3))).toEqual([...Array(5).fill('401'), '429', '429'])
})

test('A3.9 W3.11 a reset by mail forgives what was guessed on her devices', async () => {
  const { server } = await annWasHere()
  await atOnce(6, () => trySignIn(server, wrong))
  expect((await trySignIn(server, right)).status).toBe(429)
  await sendForm(server, '/password/forgot', { login: 'ann' })
  const password = 'New-horse-battery-9'
  await sendForm(server, linkIn(await mailsTo(server, ann.email)), { password, again: password })
  expect((await trySignIn(server, { login: 'ann', password })).status).toBe(200)
})

const kept = { auditKeptFor: 1_000 * day, callsKeptFor: 1_000 * day, messagesKeptFor: 1_000 * day }

const knownOf = async ({ db, id }: { db: Awaited<ReturnType<InProcessServer['db']>>; id: string }) =>
  (await db.selectFrom('knownDevice').select('key').where('userId', '=', id).execute()).map(({ key }) => key)

test('A3.10 a person has twenty known devices where they are not signed in, those used last, and one that was not used for 400 days is forgotten', async () => {
  const set = await annWasHere()
  const { server, id, db } = set
  /** Signs in, and out again. */
  const open = async (jkt: string, now: number) => {
    await openSession(
      db,
      defaultLifetimes,
      {
        userId: id,
        device: jkt,
        jkt,
        staySignedIn: true,
        from: { address: home, label: '' },
        by: 'password',
      },
      now,
    )
    await db.deleteFrom('session').where('userId', '=', id).execute()
  }
  const now = server.clock.wall()
  for (let n = 1; n <= 21; n += 1) await open(`key-${n}`, now + n)
  // Twenty, and the one on which she signed in last.
  const last = (first: number) => Array.from({ length: 21 }, (_, n) => `key-${n + first}`).sort()
  expect((await knownOf(set)).sort()).toEqual(last(1))
  // The clock was set back by an hour: who signs in now is known all the same.
  await open('key-22', now - 60 * minute)
  expect((await knownOf(set)).sort()).toEqual(last(2))
  await purge(db, now + 400 * day - 60 * minute, kept)
  expect(await knownOf(set)).toContain('key-22')
  await purge(db, now + 400 * day + 10, kept)
  expect((await knownOf(set)).sort()).toEqual(last(10).slice(0, 12))
})

test('A3.10 a device on which somebody stays signed in is in use', async () => {
  const set = await annWasHere()
  const { server, db } = set
  const { token } = await signIn(server, ann)
  const device = await connectDevice(server.url, token, 'device-1')
  const before = (await db.selectFrom('knownDevice').selectAll().executeTakeFirstOrThrow()).seenAt
  server.clock.setWall(11 * 60 * minute)
  await device.lease()
  const after = (await db.selectFrom('knownDevice').selectAll().executeTakeFirstOrThrow()).seenAt
  expect(after - before).toBeGreaterThanOrEqual(11 * 60 * minute)
})

test('A3.10 signing in at the issuer makes no device known: it shows no password', async () => {
  const set = await annWasHere()
  const { db, id, server } = set
  const opening = { userId: id, device: 'd', jkt: 'by-the-issuer', staySignedIn: true, by: 'issuer' } as const
  await openSession(
    db,
    defaultLifetimes,
    { ...opening, from: { address: home, label: '' } },
    server.clock.wall(),
  )
  expect(await knownOf(set)).toEqual([(await keyOf('device-1')).thumbprint])
})

test('A3.11 no name that was typed can be told from what is kept of it', async () => {
  const typed = 'my-password-in-the-wrong-field'
  const kept = async () => {
    const server = await startInProcessServer()
    await trySignIn(server, { login: typed, password: 'x' })
    await sendForm(server, '/password/forgot', { login: typed })
    const db = await server.db()
    return [
      ...(await db.selectFrom('failedAttempt').select('key').execute()),
      ...(await db.selectFrom('rateLimited').select('key').execute()),
    ].map(({ key }) => key)
  }
  const [here, there] = [await kept(), await kept()]
  expect(here).toHaveLength(5)
  // Another installation has another secret: whoever guesses the name cannot make the hash.
  expect(here.filter((key) => there.includes(key))).toEqual([])
  expect(here.filter((key) => !/^[\w-]{43}$/.test(key))).toEqual([])
})
