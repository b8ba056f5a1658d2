import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { nameError, normalizedName } from '../../protocol/display-name.ts'
import { createApiKey } from '../../server/accounts/api-keys.ts'
import { hashOf, newSecret } from '../../server/accounts/secrets.ts'
import { callerOf, post, signIn } from '../server/support/api-client.ts'
import { asTestServer } from '../server/support/as-test-server.ts'
import { keyOf, proofOf } from '../server/support/dpop-proofs.ts'
import { type InProcessServer, startInProcessServer } from '../server/support/in-process-server.ts'
import { addPeople, ann, ben, settle } from '../server/support/people.ts'
import { reachableDevice } from '../server/support/websocket-device.ts'
import { startServer } from '../support/server/start-server.ts'
import { ask } from './ask.ts'
import { attack } from './count.ts'
import { deceivingNames } from './deceiving-names.ts'

const keyOfCaller = async (server: InProcessServer, name: string, scope: 'calls' | 'scim' = 'calls') =>
  (await createApiKey(await server.db(), name, server.clock.wall(), scope)) ?? ''

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

/** Everything that wants a key, with a call that is somebody else's. */
const doors = (call: string) =>
  [
    ['POST', '/api/calls', '{"to":"ann"}'],
    ['GET', `/api/calls/${call}`, undefined],
    ['GET', `/api/calls/${call}/events`, undefined],
    ['POST', `/api/calls/${call}/cancel`, '{}'],
    ['POST', '/api/operator/recheck', '{"user":"x"}'],
  ] as const

test('Z4.1 C5.1 N6.1 nothing but a caller’s own key places, follows or ends a call', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const [key, other, scim] = await Promise.all([
    keyOfCaller(server, 'A'),
    keyOfCaller(server, 'B'),
    keyOfCaller(server, 'S', 'scim'),
  ])
  const { token } = await signIn(server, ann)
  const placed = await callerOf({ url: server.url, operatorKey: key }).place('ann', 'Dr Bell', {
    waitFor: 120,
  })
  const proof = await proofOf(await keyOf('device-1'), {
    url: `${server.url}/api/calls`,
    method: 'POST',
    token,
  })
  const keys = attack('caller', 'keys that are none')
  const wrong: Record<string, readonly (readonly [string, string])[]> = {
    nothing: [],
    ...Object.fromEntries(
      [
        ...[
          '',
          'Bearer',
          'Bearer ',
          `Bearer ${key.slice(1)}`,
          `Bearer ${key}x`,
          `Bearer ${key.toUpperCase()}`,
        ],
        ...[
          `Bearer ${hashOf(key)}`,
          `Bearer reachable_${newSecret()}`,
          `Bearer reachable_`,
          `Bearer ${'x'.repeat(600)}`,
        ],
        ...[
          `Basic ${Buffer.from(`x:${key}`).toString('base64')}`,
          `DPoP ${key}`,
          key,
          `Token ${key}`,
          `Bearer ${key} x`,
        ],
        ...[
          `Bearer ${key}, Bearer ${other}`,
          'Bearer null',
          'Bearer undefined',
          'Bearer __proto__',
          "Bearer ' or 1=1--",
        ],
        ...[`Bearer ${scim}`, `Bearer ${token}`, 'Bearer %00', 'Bearer {"key":1}'],
      ].map((value) => [value.slice(0, 60), [['authorization', value] as const]]),
    ),
    'in a cookie': [['cookie', `key=${key}; authorization=Bearer ${key}`]],
    'in another header': [
      ['x-api-key', key],
      ['proxy-authorization', `Bearer ${key}`],
    ],
    'a wrong one first': [
      ['authorization', 'Bearer x'],
      ['authorization', `Bearer ${key}`],
    ],
    'a session with its proof': [
      ['authorization', `DPoP ${token}`],
      ['dpop', proof],
    ],
  }
  for (const [what, headers] of Object.entries(wrong))
    for (const [method, path, body] of doors(placed.id))
      await keys.hold(`${method} ${path.replace(placed.id, ':id')} with ${what}`, async () => {
        const type = ['content-type', 'application/json'] as const
        const { status } = await ask(`${server.url}${path}`, {
          method,
          headers: [type, ...headers],
          ...(body && { body }),
        })
        expect([401, 403, 429]).toContain(status)
      })
  for (const [method, path, body] of doors(placed.id).slice(1))
    await keys.hold(`${method} ${path} with another caller’s`, async () => {
      const answer = await ask(`${server.url}${path}`, {
        method,
        headers: [
          ['authorization', `Bearer ${other}`],
          ['content-type', 'application/json'],
        ],
        ...(body && { body }),
      })
      expect([401, 403, 404, 429]).toContain(answer.status)
      expect(answer.body).not.toMatch(/Dr Bell/)
    })
  for (const query of [`?key=${key}`, `?access_token=${key}`, `?authorization=Bearer%20${key}`])
    await keys.hold(`a key in the address ${query.slice(0, 14)}`, async () =>
      expect([401, 429]).toContain((await ask(`${server.url}/api/calls/${placed.id}${query}`)).status),
    )
  // After all of it the right key is not kept waiting.
  expect((await callerOf({ url: server.url, operatorKey: key }).get(placed.id)).state).toBe('waiting')
  const calls = await (await server.db()).selectFrom('call').select('id').execute()
  expect(calls).toHaveLength(1)
})

test('Z4.1 Y1.5 keys that are none are on record, slowed down, and not in it', async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1' } })
  await settle(server, ann)
  const key = await keyOfCaller(server, 'A')
  const guesses = attack('caller', 'guesses at a key')
  const guess = (n: number) =>
    post(server, '/api/calls', { to: 'ann' }, { ...bearer(`guess-${n}`), 'x-forwarded-for': '198.51.100.1' })
  const statuses: number[] = []
  for (let n = 0; n < 60; n += 1) {
    guesses(1)
    statuses.push((await guess(n)).status)
  }
  expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401))
  expect(statuses.at(-1)).toBe(429)
  const db = await server.db()
  const rows = await db.selectFrom('audit').selectAll().execute()
  expect(rows.length).toBeGreaterThan(0)
  expect(rows.length).toBeLessThan(40)
  expect(JSON.stringify(rows)).not.toMatch(/guess-/)
  // The same address with the right key, and others, are let in.
  const right = await post(
    server,
    '/api/calls',
    { to: 'ann' },
    { ...bearer(key), 'x-forwarded-for': '198.51.100.1' },
  )
  expect(right.status).toBe(201)
})

test('Z4.2 C5.5 no body but a right one places a call', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const key = await keyOfCaller(server, 'A')
  const bodies = attack('caller', 'bodies that are none')
  const raw = [
    ...[
      '',
      '{',
      '[]',
      'null',
      '"ann"',
      '1',
      '{"to":"ann"',
      "{'to':'ann'}",
      '{"to":"ann"} x',
      '\u0000{"to":"ann"}',
    ],
    ...[`{"to":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, `{"to":"ann","x":"${'x'.repeat(20_000)}"}`],
    ...[
      {},
      { to: '' },
      { to: ' ' },
      { to: 7 },
      { to: ['ann'] },
      { to: { $ne: 1 } },
      { to: null },
      { to: true },
    ].map((body) => JSON.stringify(body)),
    ...[-1, 121, 1.5, '5', null, 1e9, [5], {}].map((waitFor) => JSON.stringify({ to: 'ann', waitFor })),
    '{"to":"ann","waitFor":1e999}',
    ...[7, '', ' ', ['x'], {}, 'x'.repeat(101), null].map((from) => JSON.stringify({ to: 'ann', from })),
    '{"__proto__":{"to":"ann"}}',
    ...['nobody', 'ann\u0000', 'a%6en', '%', 'ann@clinic', '*', '../ann', "ann' or '1'='1", 'аnn'].map((to) =>
      JSON.stringify({ to }),
    ),
  ]
  const send = (body: string, headers: readonly (readonly [string, string])[] = []) =>
    ask(`${server.url}/api/calls`, {
      method: 'POST',
      headers: [['authorization', `Bearer ${key}`], ['content-type', 'application/json'], ...headers],
      body,
    })
  const held = ({ status, body }: { status: number; body: string }) => {
    expect([400, 404, 413, 415], body).toContain(status)
    expect(body).not.toMatch(/at \w+ \(|node_modules|sqlite/i)
  }
  for (const body of raw) await bodies.hold(body.slice(0, 80), async () => held(await send(body)))
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonx',
    '',
  ])
    await bodies.hold(`as ${type}`, async () =>
      held(
        await ask(`${server.url}/api/calls`, {
          method: 'POST',
          headers: [
            ['authorization', `Bearer ${key}`],
            ['content-type', type],
          ],
          body: '{"to":"ann"}',
        }),
      ),
    )
  for (const value of ['', ' ', 'x'.repeat(256), 'é', 'a b', '\t'])
    await bodies.hold(`Idempotency-Key ${value.slice(0, 10)}`, async () => {
      const { status } = await send('{"to":"ann"}', [['idempotency-key', value]])
      expect([0, 400]).toContain(status)
    })
  expect(await (await server.db()).selectFrom('call').select('id').execute()).toEqual([])
})

test('Z4.2 C5.5 no body of whatever JSON is taken for a call that nobody meant', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const key = await keyOfCaller(server, 'A')
  const random = attack('caller', 'random bodies')
  const field = fc.oneof(
    fc.constantFrom('ann', 'Ann', 0, 120, null, '', 'Dr Bell'),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.json().map((text) => JSON.parse(text)),
  )
  const body = fc.oneof(
    fc.json(),
    fc
      .record({ to: field, from: field, waitFor: field }, { requiredKeys: [] })
      .map((value) => JSON.stringify(value)),
  )
  const property = fc.asyncProperty(body, async (text) => {
    random(1)
    const answer = await ask(`${server.url}/api/calls`, {
      method: 'POST',
      headers: [
        ['authorization', `Bearer ${key}`],
        ['content-type', 'application/json'],
      ],
      body: text,
    })
    expect([201, 400, 404, 429], answer.body).toContain(answer.status)
    if (answer.status !== 201) return
    const { to, from = 'A', waitFor = 0 } = JSON.parse(text)
    expect([to.trim().toLowerCase(), nameError(normalizedName(from)), Number.isInteger(waitFor)]).toEqual([
      'ann',
      undefined,
      true,
    ])
  })
  await fc.assert(property, { numRuns: 250 })
})

test('Z4.2 no caller shows a name that deceives', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const key = await keyOfCaller(server, 'A')
  const device = await reachableDevice(server, ann)
  const deceits = attack('caller', 'names that deceive')
  for (const from of deceivingNames)
    await deceits.hold(JSON.stringify(from), async () => {
      const answer = await post(server, '/api/calls', { to: 'ann', from }, bearer(key))
      expect(answer.status, await answer.text()).toBe(400)
    })
  expect(device.received.filter(({ type }) => type === 'ring')).toEqual([])
})

test('Z4.3 a flood of calls is slowed down, and takes no other caller’s call to the same person away', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  const [hostile, friendly] = [await keyOfCaller(server, 'H'), await keyOfCaller(server, 'F')]
  const floods = attack('caller', 'calls in a flood')
  const answers: Response[] = []
  for (let n = 0; n < 10; n += 1)
    answers.push(
      ...(await Promise.all(
        Array.from({ length: 60 }, () => {
          floods(1)
          return post(server, '/api/calls', { to: 'ann', from: `Flood ${n}` }, bearer(hostile))
        }),
      )),
    )
  const slowed = answers.filter(({ status }) => status === 429)
  const placed = answers.filter(({ status }) => status === 201)
  expect(placed.length + slowed.length).toBe(600)
  expect(slowed.length).toBeGreaterThan(300)
  for (const answer of slowed) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  await floods.hold('another caller’s call to the same person', async () => {
    const answer = await post(server, '/api/calls', { to: 'ann', from: 'Dr Bell' }, bearer(friendly))
    expect(answer.status, await answer.text()).toBe(201)
  })
  await floods.hold('another caller’s call to somebody else', async () => {
    const answer = await post(server, '/api/calls', { to: 'Ben.B-1', from: 'Dr Bell' }, bearer(friendly))
    expect(answer.status).toBe(201)
  })
  await floods.hold('the same call again, by its own key', async () => {
    const again = { ...bearer(friendly), 'idempotency-key': 'once' }
    const first = await post(server, '/api/calls', { to: 'Ben.B-1', from: 'Dr Bell' }, again)
    const second = await post(server, '/api/calls', { to: 'Ben.B-1', from: 'Dr Bell' }, again)
    expect([first.status, second.status]).toEqual([201, 200])
  })
  await floods.hold('the flood’s own, after a while', async () => {
    server.clock.advance(3_600_000)
    expect((await post(server, '/api/calls', { to: 'ann' }, bearer(hostile))).status).toBe(201)
  })
})

test('Z4.3 P3.1 C5.6 one caller’s calls, ringing or waiting, leave room for another’s to ring', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  const [hostile, friendly] = [await keyOfCaller(server, 'H'), await keyOfCaller(server, 'F')]
  const rings = attack('caller', 'calls that take every place')
  const device = await reachableDevice(server, ann)
  device.socket.on('message', (data) => {
    const message = JSON.parse(String(data))
    if (message.type === 'ring') device.send({ type: 'rings', call: message.call.id })
  })
  for (const [to, waitFor] of [
    ['ann', 0],
    ['Ben.B-1', 120],
  ] as const) {
    const flood = Array.from({ length: 8 }, (_, n) => {
      rings(1)
      return post(server, '/api/calls', { to, from: `Flood ${n}`, waitFor }, bearer(hostile))
    })
    await Promise.all(flood)
    await rings.hold(`another caller’s, of ${to}`, async () => {
      const place = callerOf({ url: server.url, operatorKey: friendly })
      const call = await place.place(to, 'Dr Bell', { waitFor })
      expect([call.state, call.disposition]).toEqual(
        waitFor === 0 ? ['ringing', 'ringing'] : ['waiting', 'unreachable'],
      )
      await place.cancel(call.id)
    })
  }
})

test('Z4.3 L2.10 no number of streams of one key keeps anybody from a connection', async () => {
  const child = await startServer({}, ['prlimit', '--nofile=1024'])
  const server = asTestServer(child)
  await settle(server, ann)
  const key = (await createApiKey(await server.db(), 'H', Date.now())) ?? ''
  const { id } = await callerOf({ url: child.url, operatorKey: key }).place('ann', 'Dr Bell', {
    waitFor: 120,
  })
  const streams = attack('caller', 'streams of one key')
  const giveUp = new AbortController()
  onTestFinished(() => giveUp.abort())
  for (let n = 0; n < 11; n += 1) {
    const opened = Array.from({ length: 100 }, () =>
      fetch(`${child.url}/api/calls/${id}/events`, { headers: bearer(key), signal: giveUp.signal }).catch(
        () => undefined,
      ),
    )
    await Promise.race([
      Promise.all(opened),
      new Promise((resolve) => setTimeout(() => resolve(undefined), 2_000)),
    ])
    streams(100)
  }
  await streams.hold('a device', async () => void (await (await reachableDevice(server, ann)).lease()))
  await streams.hold('a request', async () => expect((await fetch(`${child.url}/health`)).status).toBe(200))
})
