import { randomBytes } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import type { VisitAnswer } from '../../protocol/place.ts'
import { defaultTiming } from '../../protocol/timing.ts'
import { mostInLine } from '../../server/places/visit-rows.ts'
import { addPlace, isOver, type Visiting, visitorAt } from '../server/places/place-on-server.ts'
import { solved } from '../server/places/solve-work.ts'
import { post } from '../server/support/api-client.ts'
import { getPage, sendForm } from '../server/support/html-pages.ts'
import { type InProcessServer, startInProcessServer } from '../server/support/in-process-server.ts'
import { ann, ben, settle } from '../server/support/people.ts'
import { reachableDevice, type WebSocketDevice } from '../server/support/websocket-device.ts'
import { attack } from './count.ts'
import { deceivingNames } from './deceiving-names.ts'

async function place() {
  const server = await startInProcessServer({ env: { TRUST_PROXY: 'on' } })
  const members = await settle(server, ann, ben)
  await addPlace(server, { members })
  const devices = [await reachableDevice(server, ann, 'a'), await reachableDevice(server, ben, 'b')]
  const visitor = visitorAt(server)
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  return { server, members, devices, visitor }
}

/** Acknowledges each ring at once, and goes on with its heartbeats, as the extension does. @returns the calls that rang. */
function ringing(device: WebSocketDevice): string[] {
  const rang: string[] = []
  const beating = setInterval(() => device.lease().catch(() => {}), defaultTiming.heartbeatEvery)
  onTestFinished(() => clearInterval(beating))
  device.socket.on('message', (data) => {
    const message = JSON.parse(String(data))
    if (message.type !== 'ring') return
    rang.push(message.call.id)
    device.send({ type: 'rings', call: message.call.id })
  })
  return rang
}

const visits = async (server: InProcessServer) =>
  (await server.db()).selectFrom('visit').select(['id', 'state']).execute()

const address = (n: number) => `198.18.${n >> 8}.${n & 255}`
const key = () => randomBytes(16).toString('hex')

test('Z10.1 PV5.5 names that deceive, keys, proofs and slugs of another shape make no visit and leave no message', async () => {
  const { server, visitor } = await place()
  let n = 0
  const press = (body: object, slug?: string) => {
    n += 1
    return visitorAt(server, address(n), slug).press(body)
  }
  const names = attack('visitor', 'names that deceive')
  for (const name of deceivingNames)
    await names.hold(JSON.stringify(name), async () => {
      expect((await press({ name, key: key() })).status).toBe(400)
      // No form can carry halves of characters: a browser sends signs for them that deceive nobody.
      if (!name.isWellFormed()) return
      const form = { name, wayBack: 'x', text: 'y', key: key() }
      const left = await sendForm(server, '/reach/desk/message', form, { 'x-forwarded-for': address(n) })
      expect(left.status).toBe(422)
    })
  const shapes = attack('visitor', 'visits of another shape')
  const bodies: unknown[] = [
    ...[{}, [], '', 7, null, { name: 'x' }, { key: key() }, { name: 'x', key: 'short' }],
    ...[
      { name: 7, key: key() },
      { name: ['x'], key: key() },
      { name: { x: 1 }, key: key() },
    ],
    ...[
      { name: 'x', key: 'k'.repeat(65) },
      { name: 'x'.repeat(51), key: key() },
    ],
    ...[
      { name: 'x', key: key(), proof: 'x'.repeat(4_001) },
      { name: 'x', key: key(), proof: {} },
    ],
  ]
  for (const body of bodies)
    await shapes.hold(JSON.stringify(body).slice(0, 60), async () => {
      n += 1
      const answer = await post(server, '/api/places/desk/visits', body, { 'x-forwarded-for': address(n) })
      expect(answer.status).toBe(400)
    })
  const slugs = attack('visitor', 'slugs that name nothing')
  for (const slug of ['desk%00', "desk' or 1=1--", 'DESK', '_', 'x'.repeat(3_000), 'desk%2fembed'])
    await slugs.hold(slug.slice(0, 30), async () => {
      expect([400, 404, 414]).toContain((await press({ name: 'x', key: key() }, slug)).status)
      expect([400, 404, 414]).toContain((await getPage(server, `/reach/${slug}`)).status)
    })
  expect(await visits(server)).toEqual([])
  expect(await (await server.db()).selectFrom('message').select('id').execute()).toEqual([])
  expect((await visitor.look()).state).toBe('reachable')
})

test('Z10.1 PV3.10 no secret but its own follows or ends a visit, or is told its room', async () => {
  const { server, devices, visitor } = await place()
  const [device] = devices
  if (!device) throw new Error('there is one')
  const rang = ringing(device)
  const own = await visitor.visit()
  const other = await visitorAt(server, '198.51.100.9').visit()
  await visitor.until(own, ({ ringing: devicesNow }) => devicesNow > 0)
  const tried = attack('visitor', 'secrets of another visit')
  const secrets = [
    ...['', 'x', other.secret, own.visit.id, own.secret.slice(1), `${own.secret} `, own.secret.toUpperCase()],
    own.secret.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
  ]
  for (const secret of secrets)
    for (const what of ['wait', 'end'])
      await tried.hold(`${what} ${secret}`, async () => {
        const answer = await post(server, `/api/visits/${own.visit.id}/${what}`, { secret, seen: null })
        expect(answer.status).toBe(404)
      })
  device.send({ type: 'answer', call: rang[0] ?? '' })
  const view = await visitor.until(own, isOver)
  expect(view.state).toBe('answered')
  const strange = await post(server, `/api/visits/${own.visit.id}/wait`, { secret: other.secret, seen: null })
  expect(await strange.text()).not.toContain('/rooms/')
})

test('Z10.2 PV5.7 PV5.4 of a thousand visitors who come at once a member hears five rings at most, and the place says that it is busy', async () => {
  const { server, devices, visitor } = await place()
  const rings = devices.map(ringing)
  const crowd = attack('visitor', 'visitors of a crowd')
  const answers = new Map<string, number>()
  const begun: { readonly page: ReturnType<typeof visitorAt>; readonly visiting: Visiting }[] = []
  const one = async (n: number) => {
    crowd(1)
    const page = visitorAt(server, address(n))
    let answer = await page.call(`V${n}`, key())
    // Some do the work that is asked for.
    if (answer.kind === 'prove' && n % 10 === 0)
      answer = await page.call(`V${n}`, key(), await solved(answer.challenge))
    answers.set(answer.kind, (answers.get(answer.kind) ?? 0) + 1)
    if (answer.kind === 'visiting') begun.push({ page, visiting: answer })
  }
  const started = performance.now()
  for (let from = 0; from < 1_000; from += 50)
    await Promise.all(Array.from({ length: 50 }, (_, n) => one(from + n)))
  expect([...answers.values()].reduce((sum, count) => sum + count, 0)).toBe(1_000)
  expect(answers.get('prove')).toBeGreaterThan(100)
  for (const rang of rings) expect(rang.length).toBeLessThanOrEqual(5)
  const open = (await visits(server)).filter(({ state }) => state === 'queued' || state === 'calling')
  expect(open.length).toBeLessThanOrEqual(mostInLine + 5)
  expect((await visitor.look()).state).toBe('busy')
  expect(begun.length).toBeGreaterThan(0)
  // All go at once; others come in their place: it stays at five in a minute.
  await Promise.all(begun.map(({ page, visiting }) => page.end(visiting).catch(() => {})))
  for (let n = 0; n < 30; n += 1) await one(2_000 + n)
  if (performance.now() - started < 55_000) {
    for (const rang of rings) expect(rang.length).toBeLessThanOrEqual(5)
    expect((await visitor.look()).state).toBe('busy')
  }
  // A device in the midst of it is answered as ever.
  for (const device of devices) await device.lease()
  const active = await (await server.db())
    .selectFrom('call')
    .select('id')
    .where('state', 'in', ['placed', 'ringing', 'waiting'])
    .execute()
  expect(active.length).toBeLessThanOrEqual(6)
}, 120_000)

test('Z10.2 PV5.1 PV5.2 one stranger with all addresses of a /48 keeps nobody else from being rung for', async () => {
  const { server, devices, visitor } = await place()
  const rings = devices.map(ringing)
  const tries = attack('visitor', 'visits from the networks of one /48')
  server.clock.standStill()
  const begun: { readonly page: ReturnType<typeof visitorAt>; readonly visiting: Visiting }[] = []
  for (let n = 0; n < 60; n += 1) {
    tries(1)
    const page = visitorAt(server, `2001:db8:7:${(n * 256).toString(16)}::1`)
    const pressed = await page.press({ name: 'x', key: key() })
    if (pressed.status !== 200) continue
    const answer = (await pressed.json()) as VisitAnswer
    if (answer.kind === 'visiting') begun.push({ page, visiting: answer })
  }
  expect(begun.length).toBeGreaterThan(0)
  expect(begun.length).toBeLessThanOrEqual(4)
  for (const { page, visiting } of begun) await page.end(visiting)
  for (const rang of rings) expect(rang.length).toBeLessThanOrEqual(4)
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  // Under such a load others show some work, which their page does by itself.
  const asked = await visitor.call()
  if (asked.kind !== 'prove') throw new Error(`so much is a load, and it was answered ${asked.kind}`)
  const answer = await visitor.call('Maria', key(), await solved(asked.challenge))
  expect(answer).toMatchObject({ kind: 'visiting', visit: { state: 'calling' } })
})

test('Z10.2 PV5.1 one address gets no further than its limits, by however many keys', async () => {
  const { server, devices } = await place()
  const rings = devices.map(ringing)
  const tries = attack('visitor', 'visits from one address')
  const visitor = visitorAt(server, '203.0.113.50')
  server.clock.standStill()
  const statuses: number[] = []
  for (let n = 0; n < 40; n += 1) {
    tries(1)
    statuses.push((await visitor.press({ name: 'x', key: key() })).status)
  }
  expect(statuses.filter((status) => status === 200).length).toBeLessThan(40)
  const made = await visits(server)
  expect(made.length).toBeLessThanOrEqual(3)
  for (const rang of rings) expect(rang.length).toBeLessThanOrEqual(3)
})
