import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { closeCodes } from '../../protocol/close-codes.ts'
import { maxBoot, protocolVersion } from '../../protocol/connection.ts'
import { nameError } from '../../protocol/display-name.ts'
import { defaultTiming } from '../../protocol/timing.ts'
import { welcomeTo } from '../support/welcome.ts'
import { startAttackedWorker } from './attacked-worker.ts'
import { attack } from './count.ts'
import { deceivingNames } from './deceiving-names.ts'
import { account, type Conversation, json, shortTiming, startHostileServer } from './hostile-server.ts'

async function setUp() {
  const server = await startHostileServer()
  const worker = await startAttackedWorker(server)
  const first = await worker.signIn()
  return { server, worker, first }
}

const ring = (id: string, more: object = {}) => ({
  type: 'ring',
  call: { id, from: 'Dr Bell', at: 1, ringsFor: 45_000, ...more },
})
const over = (call: string, more: object = {}) => ({
  type: 'over',
  call,
  outcome: 'cancelled',
  here: false,
  ...more,
})
const welcome = (more: object = {}) => welcomeTo(account, more)

let marks = 0
/** Until the device has dealt with all that was said before. */
async function settled({ session }: { session: { state: () => unknown } }, { say }: Conversation) {
  marks += 1
  const name = `Mark ${marks}`
  say({ type: 'account', account: { ...account, name } })
  await vi.waitFor(() => expect(session.state()).toMatchObject({ account: { name } }), {
    timeout: 10_000,
    interval: 2,
  })
}

test('Z6.1 C8.16 C8.18 calls that ring and end by the thousand open five windows, and nothing grows', async () => {
  const { worker } = await setUp()
  const { browser } = worker
  const flood = attack('server', 'rings and ends without end')
  let id = 0
  for (let round = 0; round < 24; round += 1) {
    const conversation = await worker.reconnectGreen()
    const frames: unknown[] = []
    while (frames.length < 490) {
      id += 1
      frames.push(ring(`call ${id}`, { from: 'x'.repeat(200) }))
      // Of some rounds none ends, of others each, and of the rest those of which nobody knows.
      if (round % 3 === 1) frames.push(over(`call ${id}`))
      if (round % 3 === 2)
        frames.push(over(`unknown ${id}`, { outcome: 'answered', here: true, room: 'https://r.example/' }))
    }
    flood(frames.length)
    conversation.say(...frames)
    await settled(worker, conversation)
    await flood.hold(`round ${round}`, async () => {
      expect(worker.calls.now().length).toBeLessThanOrEqual(5)
      expect(worker.calls.further()).toBeLessThanOrEqual(99)
      expect(browser.windows.size).toBeLessThanOrEqual(5)
      expect(await browser.stored()).toBeLessThan(20_000)
    })
  }
  await flood.hold('in all', () => {
    expect([browser.most.windows, browser.most.notifications, browser.most.tones]).toEqual([5, 5, 1])
    expect(browser.made.windows).toBeLessThanOrEqual(60)
    expect(browser.made.notifications).toBeLessThanOrEqual(600)
    expect(browser.opened).toEqual([])
  })
  await worker.expectAlive()
})

test('Z6.1 T4.1 what is only counted is not acknowledged', async () => {
  const { worker } = await setUp()
  const rings = attack('server', 'rings beyond those shown')
  const conversation = await worker.reconnectGreen()
  conversation.say(...Array.from({ length: 400 }, (_, n) => ring(`call ${n}`)))
  await settled(worker, conversation)
  for (let shown = 0; shown < 5; shown += 1) await conversation.heard('rings')
  await conversation.isAlive()
  rings(400)
  await rings.hold('acknowledgements', () => {
    const said = conversation.all.filter(({ type }) => type === 'rings')
    expect(said).toEqual([0, 1, 2, 3, 4].map((n) => ({ type: 'rings', call: `call ${n}` })))
  })
})

const rooms = [
  ...[
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
  ],
  ...[
    'file:///etc/passwd',
    'chrome://settings',
    'about:config',
    'blob:https://r.example/1',
    'view-source:https://r.example',
  ],
  ...[
    'chrome-extension://other/page.html',
    'moz-extension://other/page.html',
    'ftp://r.example/',
    'ws://r.example/',
    '',
  ],
  ...[
    '//r.example/',
    '/rooms/1',
    'r.example/1',
    'https://',
    'http://[',
    'vbscript:x',
    'intent://x',
    'x'.repeat(2_000),
  ],
]
const webRooms = ['https://evil.example/room', 'http://evil.example/', 'https://a:b@evil.example/']

test('Z6.2 P7.5 C8.15 no room opens without a press of Answer here, and none but one at a web address', async () => {
  const { worker } = await setUp()
  const { browser } = worker
  const unasked = attack('server', 'rooms that nobody asked for')
  let n = 0
  /** A call that rings, with what its person pressed, and what the server then says of it. */
  const end = async (press: 'answer' | 'decline' | null, frames: (id: string) => readonly object[]) => {
    n += 1
    const id = `room ${n}`
    const conversation = await worker.reconnectGreen()
    conversation.say(ring(id))
    await vi.waitFor(() => expect(worker.calls.now().some((call) => call.id === id)).toBe(true), {
      timeout: 10_000,
      interval: 1,
    })
    if (press) worker.calls.press(id, press)
    conversation.say(...frames(id))
    await settled(worker, conversation)
    // A room is opened once that is kept, which takes less than the way there and back.
    await conversation.isAlive()
    // Another person, for whom as many calls may begin to be shown.
    worker.calls.dispatch({ type: 'sign-out' })
    return browser.opened.splice(0)
  }
  const answered = { outcome: 'answered', here: true }
  for (const room of [...rooms, ...webRooms]) {
    const frames = (id: string) => [
      over('never rang', { ...answered, room }),
      over('__proto__', { ...answered, room }),
      over(id, { ...answered, room }),
    ]
    unasked(6)
    await unasked.hold(`unpressed: ${room}`, async () => expect(await end(null, frames)).toEqual([]))
    await unasked.hold(`declined: ${room}`, async () => expect(await end('decline', frames)).toEqual([]))
  }
  const strange = attack('server', 'rooms at no web address, and rooms twice')
  for (const room of rooms)
    await strange.hold(room, async () =>
      expect(await end('answer', (id) => [over(id, { ...answered, room })])).toEqual([]),
    )
  for (const more of [
    { outcome: 'answered', here: false },
    { outcome: 'declined', here: true },
    { outcome: 'missed', here: true },
  ])
    await strange.hold(JSON.stringify(more), async () =>
      expect(await end('answer', (id) => [over(id, { ...more, room: webRooms[0] })])).toEqual([]),
    )
  strange(100)
  await strange.hold('one room a hundred times', async () => {
    const frames = (id: string) =>
      Array.from({ length: 100 }, (_, at) => over(id, { ...answered, room: `https://r.example/${at}` }))
    expect(await end('answer', frames)).toEqual(['https://r.example/0'])
  })
  await worker.expectAlive()
})

test('Z6.3 T1.5 T1.6 T1.10 L3.7 L3.9 nothing but the answer to a heartbeat makes the badge green, for as long as a heartbeat may', async () => {
  const { worker } = await setUp()
  const lies = attack('server', 'proofs that are none')
  const { browser } = worker
  const lease = (n: number, leaseFor: number = 25_000) => ({ type: 'lease', n, leaseFor })
  const challenge = { type: 'challenge', nonce: 'n' }
  const starts: Record<string, (conversation: Conversation) => unknown> = {
    'a lease and nothing else': ({ say }) => say(lease(0), lease(1)),
    'a welcome and a lease at once': ({ say }) => say(welcome(), lease(0), lease(1)),
    'a challenge, a welcome and a lease at once': ({ say }) => say(challenge, welcome(), lease(1)),
    'a lease before the welcome': async ({ say, heard }) => {
      say(challenge)
      await heard('hello')
      say(lease(1), welcome())
    },
  }
  for (const [name, does] of Object.entries(starts))
    await lies.hold(name, async () => {
      const conversation = await worker.reconnect()
      await does(conversation)
      await conversation.isAlive()
      expect(worker.isGreen()).toBe(false)
    })
  // With the welcome the device asks by heartbeat 1; nothing but that number answers it.
  for (const n of [0, 2, 3, 100, 2 ** 53 - 1])
    await lies.hold(`the answer to heartbeat ${n}`, async () => {
      const conversation = await worker.reconnect()
      await conversation.welcome()
      await conversation.heard('heartbeat')
      conversation.say(lease(n))
      await settled(worker, conversation)
      expect(worker.isGreen()).toBe(false)
    })
  for (const leaseFor of [0, 1, 999, 1_000])
    await lies.hold(`a lease of ${leaseFor} ms`, async () => {
      const conversation = await worker.reconnect()
      await conversation.welcome()
      await conversation.heard('heartbeat')
      conversation.say(lease(1, leaseFor))
      await settled(worker, conversation)
      expect(worker.isGreen()).toBe(false)
    })
  for (const frame of [
    '{"type":"lease","n":1,"leaseFor":1e999}',
    '{"type":"lease","n":1,"leaseFor":-1}',
    { type: 'lease', n: 1 },
    { type: 'lease', n: '1', leaseFor: 25_000 },
    { type: 'lease', n: 1.5, leaseFor: 25_000 },
  ])
    await lies.hold(JSON.stringify(frame), async () => {
      const conversation = await worker.reconnect()
      await conversation.welcome()
      await conversation.heard('heartbeat')
      conversation.say(frame, lease(1))
      await conversation.closed
      expect(worker.isGreen()).toBe(false)
    })
  await lies.hold('an answer of the connection before', async () => {
    const before = await worker.reconnect()
    await before.welcome()
    await before.heard('heartbeat')
    const now = await worker.reconnect()
    await now.welcome()
    before.say(lease(1))
    await settled(worker, now)
    expect(worker.isGreen()).toBe(false)
  })
  // However far it says that it goes, and however often: green ends with the heartbeat that is not answered.
  await lies.hold('a lease for ever', async () => {
    const conversation = await worker.reconnect()
    await conversation.welcome(shortTiming)
    await conversation.heard('heartbeat')
    conversation.say(...Array.from({ length: 200 }, () => lease(1, 2 ** 53 - 1)))
    await settled(worker, conversation)
    expect(worker.isGreen()).toBe(true)
    const began = performance.now()
    const repeat = setInterval(() => conversation.say(lease(1, 2 ** 53 - 1)), 50)
    await vi.waitFor(() => expect(worker.isGreen()).toBe(false), { timeout: 5_000, interval: 10 })
    clearInterval(repeat)
    const { heartbeatEvery, answerWithin } = shortTiming
    expect(performance.now() - began).toBeLessThan(heartbeatEvery + answerWithin + 500 + 100)
  })
  lies(200)
  // Green was painted exactly as often as a heartbeat was answered.
  expect(browser.colours.filter((colour) => colour === '#137333').length).toBe(1)
  await worker.expectAlive()
})

test('Z6.3 T1.7 no timing makes a lease last longer than ours would', async () => {
  const { worker } = await setUp()
  const timings = attack('server', 'timings that hide a dead connection')
  const wrong = [
    { ...defaultTiming, leaseFor: 1e12 },
    { ...defaultTiming, leaseFor: 30_000 },
    { ...defaultTiming, heartbeatEvery: 30_000, leaseFor: 80_000 },
    { ...defaultTiming, heartbeatEvery: 3_600_000, leaseFor: 7_300_000 },
    { ...defaultTiming, answerWithin: 10_000 },
    { ...defaultTiming, answerWithin: 3_600_000 },
    { ...defaultTiming, leaseFor: 14_000 },
    { heartbeatEvery: 0, answerWithin: 0, leaseFor: 0 },
    { heartbeatEvery: 1, answerWithin: 0.5, leaseFor: 2.9 },
    { heartbeatEvery: 400, answerWithin: 100, leaseFor: 1_190 },
    { heartbeatEvery: 1e-300, answerWithin: 1e-301, leaseFor: 2e-300 },
  ]
  for (const timing of wrong)
    await timings.hold(JSON.stringify(timing), async () => {
      const conversation = await worker.reconnect()
      await conversation.welcome(timing)
      conversation.say({ type: 'lease', n: 1, leaseFor: 25_000 })
      await conversation.closed
      expect(worker.reachability.verdict()).toEqual({ kind: 'unreachable', why: 'outdated' })
    })
  await worker.expectAlive()
})

/** Frames that a server of ours sends, each of them wrong somewhere. */
const sound: readonly object[] = [
  { type: 'challenge', nonce: 'n' },
  { type: 'outranked', boot: 1, live: true },
  welcome(),
  { type: 'lease', n: 1, leaseFor: 1_000, gap: { from: 1, until: 2, missed: 1, recorded: true } },
  { type: 'no-lease', n: 1, why: 'storage' },
  ring('a'),
  over('a', { room: 'https://r.example/' }),
  { type: 'missed', missed: [{ id: 'm', from: 'x', at: 1, why: 'busy' }] },
  { type: 'account', account },
]

/** Every place within a value, by its path. */
function paths(
  value: unknown,
  path: readonly (string | number)[] = [],
): readonly (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, part]) => paths(part, [...path, key]))]
}

function withAt(value: unknown, [key, ...rest]: readonly (string | number)[], put: unknown): unknown {
  if (key === undefined) return put
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >
  copy[key] = withAt(copy[key], rest, put)
  return copy
}

const wrongParts: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 1e21, 2 ** 53, '', 'x', 'x'.repeat(70_000), [], {}, [[]], { type: 'ring' }],
  ...[undefined, maxBoot + 1, '\u0000', ['__proto__'], { length: 1e9 }],
]

test('Z6.4 L3.7 frames that are wrong somewhere, in any turn, break nothing and prove nothing', async () => {
  const { worker, server } = await setUp()
  const shapes = attack('server', 'frames of wrong shapes')
  const anyFrame = fc.oneof(
    fc.tuple(fc.constantFrom(...sound), fc.nat(), fc.constantFrom(...wrongParts)).map(([frame, at, put]) => {
      const all = paths(frame)
      return JSON.stringify(withAt(frame, all[at % all.length] ?? [], put)) ?? 'undefined'
    }),
    fc.json({ maxDepth: 4 }),
    fc.string(),
    fc.constantFrom('', '{', '[]', '{}', 'null', '"x"', '{"type":"__proto__"}', '{"type":"constructor"}'),
    fc.constantFrom(
      '{"type":"ring","call":{"id":"a","from":"x","at":1,"ringsFor":1,"__proto__":{"test":true}}}',
    ),
    fc.constantFrom(
      `{"type":"x","padding":"${'y'.repeat(300_000)}"}`,
      `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
    ),
  )
  const stage = fc.constantFrom('opened', 'challenged', 'greeted', 'welcomed', 'leased')
  const runs = fc.sample(fc.tuple(stage, fc.array(anyFrame, { minLength: 1, maxLength: 12 }), fc.boolean()), {
    numRuns: 450,
    seed: 7,
  })
  for (const [at, frames, binary] of runs) {
    const conversation = await worker.reconnect()
    const { say, heard } = conversation
    if (at !== 'opened') say({ type: 'challenge', nonce: 'n' })
    if (at !== 'opened' && at !== 'challenged') await heard('hello')
    if (at === 'welcomed' || at === 'leased') say(welcome())
    if (at === 'leased') {
      const { n } = await heard('heartbeat')
      say({ type: 'lease', n, leaseFor: defaultTiming.leaseFor })
    }
    shapes(frames.length - 1)
    await shapes.hold(`${at}: ${frames.join(' ')}`, async () => {
      say(...(binary ? frames.map((frame, n) => (n === 0 ? Buffer.from(frame) : frame)) : frames))
      await conversation.isAlive()
      if (at !== 'leased') expect(worker.isGreen()).toBe(false)
      expect(worker.browser.failed.mock.calls).toEqual([])
      expect(worker.calls.now().length).toBeLessThanOrEqual(5)
      expect(worker.browser.opened).toEqual([])
    })
  }
  expect(({} as { test?: boolean }).test).toBeUndefined()
  expect(server.connections.length).toBeGreaterThan(400)
  expect(await worker.browser.stored()).toBeLessThan(20_000)
  await worker.expectAlive()
})

test('Z6.5 U9.10 no name of a server breaks what shows it, or takes a call with it', async () => {
  const { worker } = await setUp()
  const { browser } = worker
  const names = attack('server', 'names that deceive')
  let n = 0
  for (const name of [
    ...deceivingNames,
    'x'.repeat(100_000),
    '\u0301'.repeat(50_000),
    '<script>alert(1)</script>',
    '__proto__',
  ])
    await names.hold(JSON.stringify(name), async () => {
      n += 1
      const conversation = await worker.reconnectGreen()
      const person = { ...account, name, username: name, email: name.slice(0, 200) }
      const missed = [{ id: `m${n}`, from: name, at: 1, why: 'busy' }]
      conversation.say({ type: 'account', account: person }, ring(`n${n}`, { from: name }), {
        type: 'missed',
        missed,
      })
      await conversation.heard('rings')
      const current = worker.session.current()?.account
      const calls = worker.calls.now()
      const told = worker.inbox.now().missed
      const texts = [
        current?.name,
        current?.username,
        current?.email,
        ...[...calls, ...told].map(({ from }) => from),
      ]
      expect(texts.length).toBe(5)
      for (const text of texts) if (text) expect([text, nameError(text)]).toEqual([text, undefined])
      for (const { title, message } of browser.notifications.values())
        expect(nameError(message) ?? nameError(title.replace(/ is calling$/, ''))).toBeUndefined()
      for (const title of browser.titles) expect(title).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066\u2067]/u)
      conversation.say(over(`n${n}`))
      await settled(worker, conversation)
      worker.calls.dispatch({ type: 'sign-out' })
    })
  await worker.expectAlive()
})

test('Z6.6 U9.9 U9.12 X1.7 L3.7 storms of changes neither grow what is kept nor keep pages and badge busy', async () => {
  const { worker } = await setUp()
  const storms = attack('server', 'storms of changes')
  const { browser } = worker
  const gap = { from: 1, until: 2, missed: 2 ** 53 - 1, recorded: true }
  const many = (n: number) =>
    Array.from({ length: n }, (_, at) => ({ id: `m${at}`, from: 'x', at: 253_402_300_799_999, why: 'busy' }))
  const kinds: Record<string, (n: number) => object> = {
    accounts: (n) => ({
      type: 'account',
      account: { ...account, name: `Name ${n}`, picture: `https://p.example/${n}` },
    }),
    'lists of missed calls': (n) => ({ type: 'missed', missed: many(3_000 + (n % 3)) }),
    'leases with gaps': (n) => ({ type: 'lease', n, leaseFor: 1_000, gap }),
    'leases answered again, with gaps': () => ({ type: 'lease', n: 1, leaseFor: 1_000, gap }),
    refusals: () => ({ type: 'no-lease', n: 1, why: 'storage' }),
    'one call again and again': () => ring('again'),
    'ends of nothing': (n) => over(`nothing ${n}`),
    strangers: (n) => ({ type: `stranger ${n}` }),
  }
  for (const [name, frame] of Object.entries(kinds)) {
    const conversation = await worker.reconnectGreen()
    await conversation.isAlive()
    const [told, drawn] = [worker.states.length, browser.titles.length]
    const began = performance.now()
    const amount = name.startsWith('lists') ? 200 : 1_200
    storms(amount - 1)
    await storms.hold(name, async () => {
      conversation.say(...Array.from({ length: amount }, (_, n) => frame(n)))
      await conversation.closed
      const seconds = (performance.now() - began) / 1_000
      expect(worker.states.length - told).toBeLessThanOrEqual(25 + 25 * seconds)
      expect(browser.titles.length - drawn).toBeLessThanOrEqual(25 + 25 * seconds)
      expect(await browser.stored()).toBeLessThan(60_000)
      expect(worker.inbox.now().missed.length).toBeLessThanOrEqual(200)
      expect(worker.inbox.now().gaps.length).toBeLessThanOrEqual(2)
    })
    worker.calls.dispatch({ type: 'sign-out' })
  }
  await worker.expectAlive()
})

test('Z6.7 L3.2 L3.8 T9.4 a server that ends every connection is asked ever more seldom, and reached again once it is sound', async () => {
  const loops = attack('server', 'connections that end at once')
  const soonAgain = Object.values(closeCodes)
    .filter(({ device }) => !['sign-out', 'taken-over', 'outdated'].includes(device))
    .map(({ code }) => code)
  const endings: Record<string, (conversation: Conversation) => unknown> = {
    'at once': ({ socket }) => socket.close(),
    'cut at once': ({ socket }) => socket.terminate(),
    'after the challenge': async ({ say, heard, socket }) => {
      say({ type: 'challenge', nonce: 'n' })
      await heard('hello')
      socket.close()
    },
    'after the welcome': async (conversation) => {
      await conversation.welcome()
      conversation.socket.close()
    },
    'after the lease': async (conversation) => {
      await conversation.lease()
      await conversation.isAlive()
      conversation.socket.close()
    },
    'after a lease and a wrong frame': async (conversation) => {
      await conversation.lease()
      conversation.say('{')
    },
    ...Object.fromEntries(
      [...soonAgain, 3_000, 1011].map((code) => [
        `code ${code}`,
        ({ socket }: Conversation) => socket.close(code),
      ]),
    ),
  }
  // A tenth of each wait, so that the first is of 100 ms.
  const random = vi.spyOn(Math, 'random').mockReturnValue(0.1)
  onTestFinished(() => random.mockRestore())
  const { worker, server } = await setUp()
  /** How long after each other so many connections were opened, in milliseconds. */
  const waitsBetween = async (ends: (conversation: Conversation) => unknown, connections: number) => {
    const from = server.connections.length
    server.onConnection((conversation) => void ends(conversation))
    worker.reachability.dispatch({ type: 'try-now' })
    await vi.waitFor(
      () => expect(server.connections.length - from).toBeGreaterThanOrEqual(connections),
      5_000,
    )
    const opened = server.connections.slice(from, from + connections).map(({ openedAt }) => openedAt)
    return opened.slice(1).map((at, before) => at - (opened[before] ?? 0))
  }
  for (const [name, ends] of Object.entries(endings))
    await loops.hold(name, async () => {
      const [wait = 0] = await waitsBetween(ends, 2)
      expect(wait).toBeGreaterThan(98)
    })
  await loops.hold('after each lease', async () => {
    const waits = await waitsBetween(endings['after the lease'] ?? (() => {}), 5)
    for (const [n, wait] of waits.entries()) expect(wait).toBeGreaterThan(98 * 2 ** n)
  })
  /** Where another copy lives, or the versions differ, nothing is gained by asking soon. */
  const patient = {
    [closeCodes.replaced.code]: { kind: 'unreachable', why: 'taken-over' },
    [closeCodes.protocolUnknown.code]: { kind: 'unreachable', why: 'outdated' },
  }
  for (const [code, verdict] of Object.entries(patient))
    await loops.hold(`code ${code}`, async () => {
      const conversation = await worker.reconnect()
      conversation.socket.close(Number(code))
      await vi.waitFor(() => expect(worker.reachability.verdict()).toEqual(verdict), 10_000)
      expect(server.connections.at(-1)).toBe(conversation)
    })
  await worker.expectAlive()
})

test('Z6.8 A8.6 A8.13 what is no grant signs nobody in, wherever it leads and however long it is', async () => {
  const server = await startHostileServer()
  const worker = await startAttackedWorker(server)
  const grants = attack('server', 'answers to a sign-in')
  const grant = { token: 'token', endToken: 'end', account }
  const bodies: unknown[] = paths(grant).flatMap((path) =>
    path.length === 0 ? [] : wrongParts.map((part) => withAt(grant, path, part)),
  )
  const isGrant = (body: unknown) => {
    const {
      token,
      endToken,
      account: told,
    } = body as Record<'token' | 'endToken', unknown> & { account: Record<string, unknown> }
    const secret = (text: unknown) => typeof text === 'string' && /^[!-~]{1,512}$/.test(text)
    const text = (part: unknown, most: number) => typeof part === 'string' && part.length <= most
    const nullable = (part: unknown, most: number) => part === null || text(part, most)
    if (typeof told !== 'object' || told === null || !secret(token) || !secret(endToken)) return false
    const { id, name, username, email, picture, language } = told
    return (
      text(id, 64) &&
      id !== '' &&
      text(name, 60_000) &&
      nullable(username, 60_000) &&
      text(email, 200) &&
      nullable(picture, 2_000) &&
      nullable(language, 35)
    )
  }
  const wrong = bodies.filter((body) => !isGrant(body))
  expect(wrong.length).toBeGreaterThan(100)
  for (const body of wrong)
    await grants.hold(JSON.stringify(body) ?? 'undefined', async () => {
      server.answers['/api/session'] = json(body)
      expect(await worker.logIn()).toEqual({ ok: false, why: 'not-a-reachable-server' })
      expect(worker.session.current()).toBeNull()
    })
  const others: Record<string, (typeof server.answers)[string]> = {
    'no JSON': (response) => response.end('<html>'),
    nothing: (response) => response.end(),
    'cut off': (response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{')
      response.destroy()
    },
    endless: (response) => response.end(Buffer.alloc(5_000_000, 0x20)),
    'a redirect to a grant': (response) => response.writeHead(307, { location: '/granted' }).end(),
    'a redirect elsewhere': (response) =>
      response.writeHead(302, { location: 'https://elsewhere.example/' }).end(),
    'a redirect to a script': (response) =>
      response.writeHead(301, { location: 'javascript:alert(1)' }).end(),
    'a refusal with a grant': json(grant, 401),
    'a fault with a grant': json(grant, 500),
    'nonces without end': (response) => response.writeHead(401, { 'dpop-nonce': 'x'.repeat(4_000) }).end(),
    'a wait for ever': json({ error: 'too-many-attempts', message: 'x', retryAfter: 1e300 }, 429),
    'a wait of less than nothing': json({ error: 'too-many-attempts', message: 'x', retryAfter: -5 }, 429),
  }
  server.answers['/granted'] = json(grant)
  for (const [name, answer] of Object.entries(others))
    await grants.hold(name, async () => {
      server.answers['/api/session'] = answer
      const asked = server.connections.length
      expect((await worker.logIn()).ok).toBe(false)
      expect(worker.session.current()).toBeNull()
      expect(server.connections.length).toBe(asked)
    })
  server.answers['/api/session'] = json(grant)
  await worker.signIn()
  await worker.expectAlive()
})

test('Z6.9 A7.3 what is no Reachable server is not kept as one, and nothing is opened for it', async () => {
  const server = await startHostileServer()
  const worker = await startAttackedWorker(server)
  const healths = attack('server', 'answers of what is no Reachable server')
  const health = {
    service: 'reachable',
    protocols: [protocolVersion],
    signIn: { issuer: { name: 'X' }, forgot: 'https://a.example', signUp: null },
  }
  const kept = worker.settings.now().server
  const other = server.url.replace('127.0.0.1', 'localhost')
  for (const path of paths(health).filter((path) => path.length > 0))
    for (const part of [1, true, [], { x: 1 }])
      await healths.hold(`${path.join('.')}: ${JSON.stringify(part)}`, async () => {
        const body = withAt(health, path, part)
        const changed = path[0] === 'signIn' && JSON.stringify(part) === '{"x":1}' && path.length > 3
        server.answers['/health'] = json(body)
        const reply = await worker.settings.setServer(other)
        if (!changed) expect(reply.ok).toBe(false)
        expect(worker.settings.now().server).toBe(kept)
      })
  const pages = attack('server', 'pages at no web address')
  for (const address of [...rooms, '\u0000', 'https://\u202e'])
    await pages.hold(address, async () => {
      server.answers['/health'] = json({
        ...health,
        signIn: { issuer: null, forgot: address, signUp: address },
      })
      await worker.offers.refresh()
      const { openServerPage } = await import('../../entrypoints/background/pages/open-server-page.ts')
      for (const page of ['forgot', 'sign-up'] as const)
        expect(await openServerPage(page, null, worker.offers.now())).toEqual({
          ok: false,
          why: 'not-offered',
        })
      expect(worker.browser.opened).toEqual([])
    })
})
