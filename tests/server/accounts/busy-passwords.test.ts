import { expect, test } from 'vitest'
import { hashPassword } from '../../../server/accounts/password-hash.ts'
import { byRight, openPasswords, PasswordsBusy } from '../../../server/accounts/passwords.ts'
import { checkPassword } from '../../../server/my-account/change-password.ts'
import { signIn, trySignIn } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, ben } from '../support/people.ts'

const from = (address: string) => ({ 'x-forwarded-for': address })

/** Strangers at as many addresses, each of whom tries a name and a password that nobody has. */
const strangers = (server: { readonly url: string }, count: number, address = (n: number) => `10.9.${n}.1`) =>
  Array.from({ length: count }, (_, n) =>
    trySignIn(
      server,
      { login: `nobody-${n}`, password: `Wrong-horse-${n}`, device: `s-${n}` },
      from(address(n)),
    ),
  )

const statusesOf = async (tries: readonly Promise<Response>[]) =>
  (await Promise.all(tries)).map(({ status }) => status)

test('W4.8 of sixty strangers at once some are told to come again in 2 s, and nothing is counted of those', async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1' }, fullHashCost: true })
  const db = await server.db()
  const responses = await Promise.all(strangers(server, 60))
  const later = responses.filter(({ status }) => status === 429)
  expect(responses.filter(({ status }) => status === 401).length).toBe(60 - later.length)
  expect(later.length).toBeGreaterThan(0)
  for (const response of later) {
    expect(response.headers.get('retry-after')).toBe('2')
    expect(await response.json()).toMatchObject({
      error: 'too-many-attempts',
      retryAfter: 2,
      message: expect.stringContaining('nothing was looked at'),
    })
  }
  // By name, by address, and by both; and of who was told to come again nothing is left.
  const counted = await db.selectFrom('failedAttempt').select('failures').execute()
  expect(counted.map(({ failures }) => failures)).toEqual(Array(3 * (60 - later.length)).fill(1))
  const refused = await db.selectFrom('audit').select('id').where('what', '=', 'sign-in-refused').execute()
  expect(refused).toHaveLength(60 - later.length)
})

/** How long a password takes to hash on this machine as it is at this moment, beside one other. */
async function timeOfHashing(): Promise<number> {
  const began = performance.now()
  await Promise.all([hashPassword('Correct-horse-7'), hashPassword('Battery-staple-8')])
  return performance.now() - began
}

const timed = async (sent: Promise<Response>) => {
  const began = performance.now()
  const { status } = await sent
  return { status, took: performance.now() - began }
}

test('W4.8 amid sixty wrong passwords of others, who is right is signed in within a second, and never told to be wrong', async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1' }, fullHashCost: true })
  await addPeople(server.dataDir, ann, ben)
  await signIn(server, ann, 'known')
  const hashing = await timeOfHashing()
  // At a device that she has signed in on, while every stranger has an address of their own.
  const flood = strangers(server, 60)
  const asAnn = { login: 'ann', password: ann.password, device: 'known' }
  const known = await timed(trySignIn(server, asAnn, from('10.8.0.1')))
  expect(known.status).toBe(200)
  expect(new Set(await statusesOf(flood))).toEqual(new Set([401, 429]))
  // At a new device, among sixty that come from six addresses.
  const crowd = strangers(server, 60, (n) => `10.7.${n % 6}.1`)
  const asBen = { login: ben.username, password: ben.password, device: 'new' }
  const unknown = await timed(trySignIn(server, asBen, from('10.8.0.2')))
  expect(unknown.status).toBe(200)
  await statusesOf(crowd)
  // A second, or as long as sixteen take: on a machine that does other things besides, hashing takes several times its time.
  const bound = Math.max(1_000, 16 * hashing)
  expect(known.took).toBeLessThan(bound)
  expect(unknown.took).toBeLessThan(bound)
})

test('W4.8 W8.7 an attempt in My account that there is no turn for leaves a count, and a wait, as they were', async () => {
  const server = await startInProcessServer({ fullHashCost: true })
  const [userId = ''] = await addPeople(server.dataDir, ann)
  const db = await server.db()
  const passwords = openPasswords()
  const dependencies = { db, passwords, secret: 'a secret of this test' }
  const now = server.clock.wall()
  const webSession = { userId, sessionId: 'session-1', device: 'device-1', signedInAt: now }
  const trying = (at: number, typed = 'Wrong-horse-7') =>
    checkPassword(dependencies, { webSession, from: { address: '192.0.2.1', label: '' }, now: at }, typed)
  for (let n = 0; n < 5; n += 1) expect((await trying(now)).kind).toBe('wrong')
  expect(await trying(now)).toEqual({ kind: 'too-many', wait: 5_000 })

  const counts = () => db.selectFrom('failedAttempt').selectAll().orderBy('key').execute()
  const entries = () => db.selectFrom('audit').select('id').execute()
  const before = [await counts(), await entries()]
  const turns = Promise.withResolvers<void>()
  const taken = Array.from({ length: 66 }, () => passwords.inTurn(byRight, () => turns.promise))
  await expect(trying(now + 5_000, ann.password)).rejects.toThrow(PasswordsBusy)
  expect([await counts(), await entries()]).toEqual(before)
  turns.resolve()
  await Promise.all(taken)
  expect((await trying(now + 5_000, ann.password)).kind).toBe('right')
})
