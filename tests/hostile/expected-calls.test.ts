import { expect, test } from 'vitest'
import { longestName } from '../../protocol/display-name.ts'
import type { PeopleRequest } from '../../protocol/people.ts'
import type { NewAccount } from '../../server/accounts/operator-accounts.ts'
import { peopleDevice } from '../server/people/people-device.ts'
import { befriended } from '../server/people/watching-device.ts'
import { programWith } from '../server/programs/program.ts'
import { type InProcessServer, startInProcessServer } from '../server/support/in-process-server.ts'
import { ann, ben, idOf, settle } from '../server/support/people.ts'
import { attack } from './count.ts'
import { deceivingNames } from './deceiving-names.ts'

const hour = 3_600_000

const written = async (server: InProcessServer) =>
  (await (await server.db()).selectFrom('expectedCall').selectAll().execute()).length

test('Z4.2 PN2.2 names that deceive, moments that are none and bodies of any other shape announce no call', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const program = await programWith(server, 'P', 'expected-calls')
  const at = server.clock.wall() + hour
  const names = attack('caller', 'names that deceive, of expected calls')
  for (const from of deceivingNames)
    await names.hold(JSON.stringify(from), async () => {
      const answer = await program.post('/api/expected-calls', { to: 'ann', at, from })
      expect(answer.status, await answer.text()).toBe(400)
    })
  const shapes = attack('caller', 'bodies of expected calls of another shape')
  const moments = [-1, 0, 1.5, 1e21, Number.MAX_SAFE_INTEGER, '', String(at), null, true, [at], { at }, -at]
  const people = ['', ' ', 'x'.repeat(255), 7, null, ['ann'], { toString: 'ann' }, "ann' or 1=1--"]
  const bodies: unknown[] = [
    ...moments.map((moment) => ({ to: 'ann', at: moment })),
    ...people.map((to) => ({ to, at })),
    ...[{}, [], '', 7, null, { at }, { to: 'ann' }, { __proto__: { to: 'ann', at } }],
    { to: 'ann', at, from: 'x'.repeat(longestName + 1) },
    { to: 'ann', at, from: { name: 'x' } },
  ]
  for (const body of bodies)
    await shapes.hold(JSON.stringify(body), async () => {
      const { status } = await program.post('/api/expected-calls', body)
      expect([400, 404]).toContain(status)
    })
  for (const key of ['', 'a b', 'x'.repeat(256), 'é'])
    await shapes.hold(`Idempotency-Key ${key.slice(0, 10)}`, async () => {
      const answer = await program
        .post('/api/expected-calls', { to: 'ann', at }, { 'idempotency-key': key })
        .catch(() => undefined)
      if (answer && key !== '') expect(answer.status).toBe(400)
      if (answer?.status === 201) await program.delete(`/api/expected-calls/${(await answer.json()).id}`, {})
    })
  for (const id of ['..', '%00', "x' or 1=1--", 'x'.repeat(2_000), '%2e%2e%2fcalls'])
    await shapes.hold(`the id ${id.slice(0, 20)}`, async () => {
      expect([400, 401, 404]).toContain((await program.delete(`/api/expected-calls/${id}`, {})).status)
      expect([400, 404]).toContain((await program.get(`/api/expected-calls?after=${id}`)).status)
    })
  const db = await server.db()
  const rows = await db.selectFrom('expectedCall').select(['from', 'endedAt']).execute()
  expect(rows.filter(({ endedAt }) => endedAt === null)).toEqual([])
})

test('Z4.3 PN2.2 a flood of expected calls by a key ends at its limits, and takes nothing from another’s', async () => {
  const server = await startInProcessServer()
  const many = Array.from(
    { length: 20 },
    (_, n): NewAccount => ({ username: `u${n}`, email: `u${n}@clinic.example`, name: `U${n}`, password: '' }),
  )
  await settle(server, ann, ...many)
  const [hostile, friendly] = [
    await programWith(server, 'H', 'expected-calls'),
    await programWith(server, 'F', 'expected-calls'),
  ]
  server.clock.standStill()
  const at = server.clock.wall() + hour
  const floods = attack('caller', 'expected calls in a flood')
  const statuses: number[] = []
  for (let n = 0; n < 20; n += 1)
    statuses.push(
      ...(await Promise.all(
        Array.from({ length: 20 }, async (_, k) => {
          floods(1)
          return (await hostile.post('/api/expected-calls', { to: `u${n}`, at: at + k })).status
        }),
      )),
    )
  expect(new Set(statuses)).toEqual(new Set([201, 429]))
  expect(statuses.filter((status) => status === 201)).toHaveLength(200)
  expect(await written(server)).toBe(200)
  expect((await friendly.post('/api/expected-calls', { to: 'u0', at })).status).toBe(201)
})

test('Z4.3 PN1.2 a contact who announces calls in a flood, or whatever else a device may say, writes five at most', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  await befriended(server, ann, ben)
  const contact = await idOf(server, ann.email)
  const device = await peopleDevice(server, ben, 'device-1')
  server.clock.standStill()
  const now = server.clock.wall()
  const floods = attack('device', 'expected calls in a flood')
  let refused = 0
  for (let n = 0; n < 60; n += 1) {
    floods(1)
    const answer = await device.request({ what: 'expect-call', contact, at: now + hour + n })
    if (answer.type === 'refused') refused += 1
  }
  expect(refused).toBe(55)
  const strange = attack('device', 'expected calls that are none')
  for (const expected of ['x', contact, "' or 1=1--", '*', crypto.randomUUID()])
    await strange.hold(`cancels ${expected}`, async () => {
      const answer = await device.request({ what: 'cancel-expected', expected })
      expect(answer.type).toBe('refused')
    })
  const shapes = attack('device', 'expected calls of another shape')
  const wrong: unknown[] = [
    ...[-1, 1.5, 1e21, '', null, true, [now]].map((at) => ({ what: 'expect-call', contact, at })),
    ...['', 'x'.repeat(65), 7, null, [contact]].map((to) => ({
      what: 'expect-call',
      contact: to,
      at: now + 9,
    })),
    ...['', 'x'.repeat(65), 7, null].map((expected) => ({ what: 'cancel-expected', expected })),
  ]
  for (const request of wrong)
    await shapes.hold(JSON.stringify(request), async () => {
      const fresh = await peopleDevice(server, ben, crypto.randomUUID())
      fresh.send({ type: 'request', n: 1, request: request as PeopleRequest })
      await fresh.closed()
    })
  expect(await written(server)).toBe(5)
})
