import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { PeopleRequest } from '../../../protocol/people.ts'
import {
  type Asker,
  done,
  type Handled,
  type PeopleHandlers,
} from '../../../server/people/people-requests.ts'
import { createRequests } from '../../../server/people/requests.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, settle } from '../support/people.ts'
import { testClock } from '../support/test-clock.ts'
import { peopleDevice } from './people-device.ts'

const log = pino({ level: 'silent' })
const by = (connection: string, userId = 'ann'): Asker => ({ userId, device: connection, connection })
const message = (key: string) => ({ what: 'send', contact: 'ben', key, text: key }) as const

/** Requests whose handlers are done when the test says, in the order in which they began. */
function held(kinds: readonly PeopleRequest['what'][]) {
  const begun: { readonly request: PeopleRequest; readonly end: (handled?: Handled | Error) => void }[] = []
  const handlers = Object.fromEntries(
    kinds.map((kind) => [
      kind,
      (_: Asker, request: PeopleRequest) =>
        new Promise<Handled>((resolve, reject) => {
          begun.push({
            request,
            end: (handled = done) => (handled instanceof Error ? reject(handled) : resolve(handled)),
          })
        }),
    ]),
  ) as Partial<PeopleHandlers>
  const clock = testClock()
  return { ask: createRequests({ clock, log, handlers }), begun, clock }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('PE2.1 each request is answered once, by its number, and what this server does not do is refused', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await peopleDevice(server, ann, 'desk')
  const ask = (n: number, request: PeopleRequest) => device.send({ type: 'request', n, request })
  ask(7, { what: 'set-status', status: 'away', until: null })
  ask(3, { what: 'change-contact', contact: 'nobody', change: 'favourite' })
  ask(9, { what: 'set-status', status: 'busy', until: 1 })
  await expect
    .poll(() => device.received.filter(({ type }) => type === 'done' || type === 'refused'))
    .toEqual([
      { type: 'done', n: 7, result: { what: 'done' } },
      { type: 'refused', n: 3, why: 'no-such-contact', message: expect.any(String) },
      { type: 'refused', n: 9, why: 'bad-request', message: expect.stringContaining('is over') },
    ])
  // Whatever else was said comes before this.
  await device.lease()
  expect(device.received.filter(({ type }) => type === 'done' || type === 'refused')).toHaveLength(3)

  const { ask: askHeld, begun } = held(['send'])
  expect(await askHeld(by('one'), { what: 'calls', before: null })).toMatchObject({
    kind: 'refused',
    why: 'bad-request',
  })
  const failing = askHeld(by('one'), message('a'))
  await turn()
  begun[0]?.end(new Error('disk full'))
  expect(await failing).toMatchObject({ kind: 'refused', why: 'unavailable' })
})

test('PE2.2 what one connection asks for is done in its order, and a call or a look beside it', async () => {
  const { ask, begun } = held(['send', 'read', 'place-call', 'cancel-call', 'history'])
  const answered: string[] = []
  const note = (what: string, answer: Promise<Handled>) => answer.then(() => answered.push(what))
  const all = [
    note('a', ask(by('one'), message('a'))),
    note('b', ask(by('one'), message('b'))),
    note('read', ask(by('one'), { what: 'read', contact: 'ben', until: 4 })),
    note('other', ask(by('two'), message('other'))),
    note('call', ask(by('one'), { what: 'place-call', contact: 'ben', key: 'c' })),
    note('cancel', ask(by('one'), { what: 'cancel-call', call: 'c' })),
    note('history', ask(by('one'), { what: 'history', contact: 'ben', before: null })),
  ]
  await turn()
  expect(begun.map(({ request }) => request.what)).toEqual([
    'send',
    'send',
    'place-call',
    'cancel-call',
    'history',
  ])
  // The second does not begin before the first is done, also where that fails.
  expect(begun[1]?.request).toMatchObject({ key: 'other' })
  begun[0]?.end(new Error('on purpose'))
  await turn()
  expect(begun.at(-1)?.request).toMatchObject({ key: 'b' })
  begun.at(-1)?.end()
  await turn()
  expect(begun.at(-1)?.request.what).toBe('read')
  for (const { end } of begun) end()
  await Promise.all(all)
  expect(answered.filter((what) => ['a', 'b', 'read'].includes(what))).toEqual(['a', 'b', 'read'])
})

test('PE2.3 who asks too often is told how long to wait, is asked nobody else about, and stays connected', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  server.clock.standStill()
  const [desk, home] = [await peopleDevice(server, ann, 'desk'), await peopleDevice(server, ann, 'home')]
  const ask = (device: typeof desk) => device.request({ what: 'ask-contact', login: 'nobody' })
  for (let n = 0; n < 20; n += 1) expect((await ask(n % 2 === 0 ? desk : home)).type).toBe('done')
  const refused = await ask(home)
  expect(refused).toMatchObject({ type: 'refused', why: 'too-many-attempts', retryAfter: 3 })
  // It is a person's, of each kind by itself.
  expect((await desk.request({ what: 'set-status', status: 'away', until: null })).type).toBe('done')
  await desk.lease()
  server.clock.advance(3_001)
  expect((await ask(home)).type).toBe('done')
})

test('L2.3 messages about people are counted by themselves: two hundred and more in 10 s close the connection', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  server.clock.standStill()
  const device = await peopleDevice(server, ann, 'desk')
  const request = { what: 'calls', before: null } as const
  const answers = await Promise.all(Array.from({ length: 199 }, () => device.request(request)))
  expect(answers).toHaveLength(199)
  // Beside them it says as much else as ever.
  for (let n = 0; n < 20; n += 1) await device.lease()
  await device.request(request)
  device.send({ type: 'request', n: 9_999, request })
  expect(await device.closed()).toEqual({ code: 4429, reason: 'tooMany' })
})
