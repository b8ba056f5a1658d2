import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { defaultTiming } from '../../../protocol/timing.ts'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { partsOf, seatedPage } from '../rooms/room-page.ts'
import { sendForm } from '../support/html-pages.ts'
import {
  type InProcessNode,
  type InProcessService,
  openInProcessService,
} from '../support/in-process-nodes.ts'
import { idOf, sessionOf, settle } from '../support/people.ts'
import { connectDevice, type WebSocketDevice } from '../support/websocket-device.ts'
import { addPlace, isOver, visitorAt } from './place-on-server.ts'

let service: InProcessService
let one: InProcessNode
let other: InProcessNode

beforeAll(async () => {
  service = await openInProcessService()
  const env = { TRUST_PROXY: 'on' }
  ;[one, other] = await Promise.all([service.start({ env }), service.start({ env })])
})
afterAll(() => service?.close())

let people = 0

/** Somebody with a device at a node. */
async function memberAt(node: InProcessNode): Promise<{ id: string; device: WebSocketDevice }> {
  people += 1
  const username = `m${people}`
  const person: NewAccount = { username, email: `${username}@clinic.example`, name: username, password: '' }
  await settle(node, person)
  const device = await connectDevice(node.url, await sessionOf(node, person, username), username)
  await device.lease()
  const beating = setInterval(() => device.lease().catch(() => {}), defaultTiming.heartbeatEvery)
  onTestFinished(() => clearInterval(beating))
  return { id: await idOf(node, person.email), device }
}

async function rung(device: WebSocketDevice) {
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  return call
}

test('PV3.9 PV1.1 members at two nodes are one place, whichever node is asked, and the first of them has the visitor', async () => {
  const [a, b] = [await memberAt(one), await memberAt(other)]
  await addPlace(one, { slug: 'both', members: [a.id, b.id] })
  const [here, there] = [visitorAt(one, '203.0.113.1', 'both'), visitorAt(other, '203.0.113.1', 'both')]
  await expect.poll(async () => (await here.look()).state, { timeout: 8_000 }).toBe('reachable')
  await expect.poll(async () => (await there.look()).state, { timeout: 8_000 }).toBe('reachable')
  const visiting = await here.visit()
  const [, call] = [await rung(a.device), await rung(b.device)]
  // Begun at one node, asked about at the other.
  expect(await there.until(visiting, ({ ringing }) => ringing === 2)).toMatchObject({ state: 'calling' })
  b.device.send({ type: 'answer', call: call.id })
  expect((await there.until(visiting, isOver)).state).toBe('answered')
  expect((await here.wait(visiting)).state).toBe('answered')
  expect(await a.device.next('over')).toMatchObject({ outcome: 'answered', here: false })
  expect(await b.device.next('over')).toMatchObject({ outcome: 'answered', here: true })
}, 60_000)

test('PV3.12 PV3.9 who hangs up at one node as a member answers at another ends their room there, by their hanging up', async () => {
  const [{ id, device }, second] = [await memberAt(other), await memberAt(other)]
  await addPlace(one, { slug: 'hung', members: [id, second.id] })
  const visitor = visitorAt(one, '203.0.113.60', 'hung')
  await expect.poll(async () => (await visitor.look()).state, { timeout: 8_000 }).toBe('reachable')
  const visiting = await visitor.visit()
  const call = await rung(device)
  device.send({ type: 'answer', call: call.id })
  const { room, ticket } = partsOf((await device.next('over')).room ?? '')
  const page = await seatedPage(other, room, { ticket })
  expect((await visitor.end(visiting)).state).toBe('answered')
  expect((await visitor.hangUp(visiting)).state).toBe('answered')
  expect(await page.next('ended')).toEqual({ type: 'ended', why: 'otherHungUp' })
}, 60_000)

test('PV3.9 PV3.5 PV1.6 the line is one over all nodes', async () => {
  const { id, device } = await memberAt(one)
  const second = await memberAt(other)
  second.device.send({ type: 'goodbye', why: 'exit' })
  await second.device.closed()
  await addPlace(one, { slug: 'line', members: [id, second.id] })
  const visitors = [one, other, one].map((node, n) => visitorAt(node, `203.0.113.${20 + n}`, 'line'))
  const [first, next, last] = visitors
  if (!first || !next || !last) throw new Error('there are three')
  await expect.poll(async () => (await next.look()).state, { timeout: 8_000 }).toBe('reachable')
  await expect.poll(async () => (await first.look()).state, { timeout: 8_000 }).toBe('reachable')
  // Of who has left nobody says anything, and so soon after a start not even that: they are waited for once.
  const began = performance.now()
  for (let looks = 0; looks < 3; looks += 1) await first.look()
  expect(performance.now() - began).toBeLessThan(5_000)
  const visiting = await first.visit()
  first.stay(visiting)
  await rung(device)
  const waiting = await next.visit()
  expect(waiting.visit).toMatchObject({ state: 'queued', position: 1 })
  const leave = next.stay(waiting)
  expect((await last.visit()).visit).toMatchObject({ state: 'queued', position: 2 })
  leave()
  await first.end(visiting)
  const asking = next.until(waiting, ({ ringing }) => ringing === 1)
  await rung(device)
  expect((await asking).state).toBe('calling')
}, 60_000)

test('PV4.1 PV3.9 a message that is sent to two nodes at one moment is with every member once', async () => {
  const [a, b] = [await memberAt(one), await memberAt(other)]
  await addPlace(one, { slug: 'left', members: [a.id, b.id] })
  const message = { name: 'Maria', wayBack: 'maria@home.example', text: 'Please call.', key: 'k'.repeat(20) }
  const send = async (node: InProcessNode, from: string) =>
    (await sendForm(node, '/reach/left/message', message, { 'x-forwarded-for': from })).status
  const at = [one, other, one, other]
  expect(await Promise.all(at.map((node, n) => send(node, `203.0.113.${50 + n}`)))).toEqual(
    Array(4).fill(303),
  )
  const kept = await service.db
    .selectFrom('message')
    .select('thread')
    .where('thread', 'in', [`clinic ${a.id}`, `clinic ${b.id}`])
    .execute()
  expect(kept.map(({ thread }) => thread).toSorted()).toEqual([`clinic ${a.id}`, `clinic ${b.id}`].toSorted())
})

test('PV3.9 PV3.6 a node that is gone takes no visit with it: another answers for it, and ends what is over', async () => {
  const { id, device } = await memberAt(other)
  const second = await memberAt(other)
  await addPlace(one, { slug: 'lost', members: [id, second.id] })
  const third = await service.start({ env: { TRUST_PROXY: 'on' } })
  const [here, there] = [visitorAt(third, '203.0.113.40', 'lost'), visitorAt(one, '203.0.113.40', 'lost')]
  await expect.poll(async () => (await here.look()).state, { timeout: 8_000 }).toBe('reachable')
  const visiting = await here.visit()
  const call = await rung(device)
  await there.until(visiting, ({ ringing }) => ringing > 0)
  // The page goes on to ask, at another node.
  let isOpen = true
  const keeping = (async () => {
    let seen: string | null = null
    while (isOpen) seen = (await there.wait(visiting, seen)).standing
  })()
  // Whoever takes the call over has every device rung anew.
  const again = rung(device)
  await third.close()
  expect((await again).id).toBe(call.id)
  isOpen = false
  await keeping
  expect((await there.until(visiting, ({ ringing }) => ringing > 0, 20_000)).state).toBe('calling')
  device.send({ type: 'answer', call: call.id })
  expect((await there.until(visiting, isOver, 20_000)).state).toBe('answered')
}, 90_000)
