import fc from 'fast-check'
import { expect, test } from 'vitest'
import { signIn } from '../server/support/api-client.ts'
import { keyOf, newKey, proofOf } from '../server/support/dpop-proofs.ts'
import { type InProcessServer, startInProcessServer } from '../server/support/in-process-server.ts'
import { addPeople, ann, ben, sessionOf } from '../server/support/people.ts'
import { openConnection, sayHello } from '../server/support/websocket-device.ts'
import { type Answer, ask } from './ask.ts'
import { attack } from './count.ts'
import { type Door, forgeriesOf, respelled, twinOf } from './forged-proofs.ts'

const json = ['content-type', 'application/json'] as const

const refused = ({ status, body }: Answer) => {
  expect(status, body).toBeGreaterThanOrEqual(400)
  expect(status, body).toBeLessThan(500)
}

/** The door that every session's proof opens, by a question that writes something down. */
async function accountDoor(server: InProcessServer) {
  const [token, key] = [await sessionOf(server, ann, 'device-1'), await keyOf('device-1')]
  const door = { url: `${server.url}/api/account/link`, method: 'POST', key, token }
  const enter = (...headers: readonly (readonly [string, string])[]) =>
    ask(door.url, { method: door.method, headers: [json, ...headers], body: '{}' })
  return { door, token, enter, authorization: ['authorization', `DPoP ${token}`] as const }
}

test('Z3.1 K1.3 K1.6 K2.1 no session opens to a proof that is not its key’s word of this request', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann, ben)
  const { door, token, enter, authorization } = await accountDoor(server)
  const db = await server.db()
  const proofs = attack('device', 'forged proofs of a session')
  for (const [what, prove] of Object.entries(await forgeriesOf(door)))
    await proofs.hold(what, async () => refused(await enter(authorization, ['dpop', await prove()])))

  const sound = () => proofOf(door.key, door)
  const thief = await newKey()
  const other = await sessionOf(server, ben, 'device-2')
  const ways: Record<string, readonly (readonly [string, string])[]> = {
    'no proof': [authorization],
    'an empty proof': [authorization, ['dpop', '']],
    'a bearer without a proof': [['authorization', `Bearer ${token}`]],
    'a bearer with a sound proof': [
      ['authorization', `Bearer ${token}`],
      ['dpop', await sound()],
    ],
    'the proof of a thief’s key': [authorization, ['dpop', await proofOf(thief, door)]],
    'two proofs, both sound': [authorization, ['dpop', await sound()], ['dpop', await sound()]],
    'two proofs, a sound one first': [authorization, ['dpop', await sound()], ['dpop', 'x']],
    'two proofs, a sound one last': [authorization, ['dpop', 'x'], ['dpop', await sound()]],
    'a proof in another header': [authorization, ['x-dpop', await sound()], ['dpop-proof', await sound()]],
    'a proof in a cookie': [authorization, ['cookie', `dpop=${await sound()}`]],
    'a sound proof of another’s token': [
      ['authorization', `DPoP ${other}`],
      ['dpop', await sound()],
    ],
    'another’s token first': [['authorization', `DPoP ${other}`], authorization, ['dpop', await sound()]],
    'a token in a cookie': [
      ['cookie', `token=${token}`],
      ['dpop', await sound()],
    ],
    'the hash of the token': [
      [
        'authorization',
        `DPoP ${(await db.selectFrom('session').select('token').executeTakeFirstOrThrow()).token}`,
      ],
      ['dpop', await sound()],
    ],
    'the id of the session': [
      ['authorization', `DPoP ${(await db.selectFrom('session').select('id').executeTakeFirstOrThrow()).id}`],
      ['dpop', await sound()],
    ],
    'two tokens in one': [
      ['authorization', `DPoP ${token}, DPoP ${other}`],
      ['dpop', await sound()],
    ],
    'a token of another scheme': [
      ['authorization', `Basic ${token}`],
      ['dpop', await sound()],
    ],
    'a token with a NUL’s escape': [
      ['authorization', `DPoP ${token}%00`],
      ['dpop', await sound()],
    ],
  }
  for (const [what, headers] of Object.entries(ways))
    await proofs.hold(what, async () => refused(await enter(...headers)))
  expect(await db.selectFrom('webSessionCode').selectAll().execute()).toEqual([])
  // Whatever came before, the device itself is never kept waiting.
  expect((await enter(authorization, ['dpop', await sound()])).status).toBe(200)
})

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'

test('Z3.1 K1.3 no proof opens that differs in a letter from the one that the key made', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const { door, enter, authorization } = await accountDoor(server)
  const changes = attack('device', 'proofs with a letter changed')
  // A seed is printed with a failure, to try the same again.
  const property = fc.asyncProperty(
    fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    fc.constantFrom(...letters),
    async (where, letter) => {
      const proof = await proofOf(door.key, door)
      // Not the last letter: some of its bits say nothing.
      const place = Math.floor(where * (proof.length - 1))
      if (proof[place] === letter) return
      changes(1)
      refused(
        await enter(authorization, ['dpop', `${proof.slice(0, place)}${letter}${proof.slice(place + 1)}`]),
      )
    },
  )
  await fc.assert(property, { numRuns: 200 })
})

test('Z3.1 K2.3 a proof opens once, however it is written, sent or waited with', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const { door, enter, authorization } = await accountDoor(server)
  const replays = attack('device', 'replayed proofs')
  const proof = await proofOf(door.key, door)
  expect((await enter(authorization, ['dpop', proof])).status).toBe(200)
  const spellings: Record<string, string> = {
    'as it was': proof,
    'with the other good signature': twinOf(proof),
    'in other letters': respelled(proof),
    'with the other signature in other letters': respelled(twinOf(proof)),
  }
  for (const [what, again] of Object.entries(spellings))
    await replays.hold(what, async () => refused(await enter(authorization, ['dpop', again])))
  for (const minutes of [-59, -10, -1, 1, 61, 24 * 60])
    await replays.hold(`${minutes} minutes later by the clock`, async () => {
      server.clock.setWall(minutes * 60_000)
      const again = await enter(authorization, ['dpop', proof])
      server.clock.setWall(-minutes * 60_000)
      refused(again)
    })
  for (const at of [
    '/api/account/link?again',
    '/api/account/link/',
    '/api//account/link',
    '/api/session/end',
    '/account/redeem',
  ])
    await replays.hold(at, async () =>
      refused(
        await ask(`${server.url}${at}`, {
          method: 'POST',
          headers: [json, authorization, ['dpop', proof]],
          body: '{}',
        }),
      ),
    )
  await replays.hold('twenty at once', async () => {
    const fresh = await proofOf(door.key, door)
    const tries = Array.from({ length: 20 }, (_, n) =>
      enter(authorization, ['dpop', n % 2 ? fresh : twinOf(fresh)]),
    )
    expect((await Promise.all(tries)).filter(({ status }) => status === 200)).toHaveLength(1)
  })
  replays(19)
})

test('Z3.1 K4.1 a right password signs nobody in without a proof of the key that gets the session', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const key = await keyOf('device-1')
  const door = { url: `${server.url}/api/session`, method: 'POST', key }
  const body = JSON.stringify({
    login: 'ann',
    password: ann.password,
    device: 'device-1',
    staySignedIn: true,
  })
  const proofs = attack('device', 'forged proofs of a sign-in')
  for (const [what, prove] of Object.entries(await forgeriesOf(door)))
    await proofs.hold(what, async () =>
      refused(await ask(door.url, { method: 'POST', headers: [json, ['dpop', await prove()]], body })),
    )
  const db = await server.db()
  expect(await db.selectFrom('session').selectAll().execute()).toEqual([])
  await signIn(server, ann)
})

test('Z3.1 K6.1 K6.3 no connection opens to a proof that is not its session’s key’s word of this connection', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const [token, key] = [await sessionOf(server, ann, 'device-1'), await keyOf('device-1')]
  const proofs = attack('device', 'forged proofs of a connection')
  const hello = async (prove: (door: Required<Door>) => Promise<string>) => {
    const connection = await openConnection(server.url)
    const asked = { url: `${server.url}/socket`, method: 'GET', key, token }
    await sayHello(connection, { token, device: 'device-1' }, (nonce) => prove({ ...asked, nonce }))
    return connection
  }
  const held = async (prove: (door: Required<Door>) => Promise<string>) => {
    const connection = await hello(prove)
    expect([4400, 4403, 4404, 1009]).toContain((await connection.closed()).code)
    expect(connection.received.map(({ type }) => type)).toEqual(['challenge'])
  }
  const here = { url: `${server.url}/socket`, method: 'GET', key, token, nonce: 'n' }
  for (const what of Object.keys(await forgeriesOf(here)))
    await proofs.hold(what, () => held(async (door) => (await forgeriesOf(door))[what]?.() ?? ''))
})
