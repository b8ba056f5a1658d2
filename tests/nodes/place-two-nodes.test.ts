import { afterAll, beforeAll, describe, test } from 'vitest'
import { addPlace, isOver, visitorAt } from '../server/places/place-on-server.ts'
import type { FleetDevice } from '../support/nodes/fleet-device.ts'
import { createNodes, type Nodes, type ServiceNode, until } from '../support/nodes/start-nodes.ts'

let nodes: Nodes
let at: readonly [ServiceNode, ServiceNode]
let made = 0

/** Milliseconds for which green may outlive a member who leaves with a word, and one who falls silent. */
const clean = 10_000
const silent = 15_000

beforeAll(async () => {
  nodes = await createNodes({ count: 2, environment: { TRUST_PROXY: 'on' } })
  at = nodes.all as unknown as typeof at
})
afterAll(() => nodes?.close())

/** A place with a member at each of these nodes, and a visitor's page by each node. */
async function place(...memberAt: readonly ServiceNode[]) {
  made += 1
  const slug = `desk-${made}`
  const people = await nodes.addPeople(memberAt.length)
  const devices = people.map((person, n) => nodes.open(person, { at: memberAt[n] ?? at[0] }))
  await until('all are green', () => devices.every((device) => device.isGreen()))
  await addPlace(
    { db: async () => nodes.database, clock: { wall: Date.now, monotonic: () => performance.now() } },
    { slug, members: await idsOf(people.map(({ username }) => username)) },
  )
  const [here, there] = at.map((node) => visitorAt({ url: node.url() }, `203.0.113.${made}`, slug))
  if (!here || !there) throw new Error('there are two nodes')
  for (const visitor of [here, there])
    await until('it is reachable', async () => (await visitor.look()).state === 'reachable')
  return { slug, devices, here, there }
}

const idsOf = async (usernames: readonly string[]) => {
  const rows = await nodes.database
    .selectFrom('user')
    .select('id')
    .where('username', 'in', usernames)
    .execute()
  return rows.map(({ id }) => id)
}

const callOn = (device: FleetDevice | undefined) => [...(device?.calls.values() ?? [])].at(-1)

/**
 * Looks at a light again and again for so long. @returns until when, in ms after `began`, whoever believed what was told
 * saw green; 0 where nobody did.
 */
async function greenUntil(
  look: () => Promise<{ state: string; validFor: number }>,
  began: number,
  forMs: number,
) {
  let last = 0
  await until(
    'it was looked at for so long',
    async () => {
      // As a page does: it counts from when it asked.
      const asked = performance.now() - began
      const light = await look().catch(() => undefined)
      if (light?.state === 'reachable') last = Math.max(last, asked + light.validFor)
      return asked >= forMs
    },
    2 * forMs,
  )
  return last
}

describe('a place whose members are at two nodes', () => {
  test('PV3.9 PV3.3 PV3.6 a node that is killed while it rings ends no visit: whoever is at the other one answers, once', async ({
    expect,
  }) => {
    const { devices, here, there } = await place(at[0], at[1])
    const visiting = await here.visit('Maria')
    await there.until(visiting, ({ ringing }) => ringing === 2)
    // The page goes on to ask, at the node that is left.
    const leave = there.stay(visiting)
    await at[0].kill()
    const call = callOn(devices[1])
    await until('who is left has the call', () => call !== undefined)
    devices[1]?.press(call?.id ?? '', 'answer')
    await until('told', () => (call?.ends.length ?? 0) > 0)
    leave()
    expect(call?.ends).toMatchObject([{ outcome: 'answered', here: true }])
    const view = await there.until(visiting, isOver)
    expect(view.state).toBe('answered')
    const [hers, theirs] = [view.room, call?.ends[0]?.room].map((address) => new URL(address ?? '').pathname)
    expect(hers).toBe(theirs)
    // Nor has the other member missed it, whose node is gone.
    const own = (await nodes.rows()).filter(({ visit }) => visit === visiting.visit.id)
    expect(own.map(({ state }) => state)).toEqual(['answered', 'answered'])
    expect(new Set(own.map(({ byDevice }) => byDevice))).toEqual(new Set([devices[1]?.person.device]))
    await at[0].start()
    await until('ready', () => nodes.isReady(at[0]))
  })

  test('PV3.6 PV3.9 who waits loses no place since the database is away for longer than their lease', async ({
    expect,
  }) => {
    const { devices, here, there } = await place(at[0], at[1])
    const visiting = await here.visit('Maria')
    await there.until(visiting, ({ ringing }) => ringing === 2)
    const leave = there.stay(visiting)
    const next = await there.visit('Nora')
    await here.until(next, ({ ringing }) => ringing === 2)
    leave()
    // The pages go on to ask, each at its node, and hear nothing for a while.
    let isHere = true
    const ask = async (visitor: typeof here, visit: typeof visiting) => {
      while (isHere) {
        const asked = performance.now()
        await visitor.wait(visit).catch(() => until('it asks again', () => performance.now() - asked > 500))
      }
    }
    const asking = [ask(here, visiting), ask(there, next)]
    const began = performance.now()
    for (const { toDatabase } of at) toDatabase.cut()
    await until('it was away for so long', () => performance.now() - began > 9_000, 12_000)
    for (const { toDatabase } of at) toDatabase.mend()
    const stands = async (visitor: typeof here, visit: typeof visiting) =>
      (await visitor.wait(visit).catch(() => undefined))?.state
    let known: readonly unknown[] = []
    await until('both are known again', async () => {
      known = [await stands(here, visiting), await stands(there, next)]
      return !known.includes(undefined)
    })
    expect(known).toEqual(['calling', 'calling'])
    const call = callOn(devices[1])
    devices[1]?.press(call?.id ?? '', 'answer')
    await until('told', () => (call?.ends.length ?? 0) > 0)
    isHere = false
    await Promise.all(asking)
    expect((await here.until(next, isOver)).state).toBe('answered')
    expect(await stands(there, visiting)).toBe('calling')
  })

  test('PV1.2 PV3.9 a member whose node is killed leaves the place green at the other for no more than 15 s', async ({
    expect,
  }) => {
    const { here } = await place(at[1], at[1])
    const began = performance.now()
    await at[1].kill()
    const green = await greenUntil(here.look, began, 18_000)
    expect(green).toBeLessThanOrEqual(silent)
    expect((await here.look()).state).not.toBe('reachable')
    await at[1].start()
    await until('ready', () => nodes.isReady(at[1]))
  })

  test('PV1.2 PV3.9 a node that hears nothing of the other says no longer than 15 s that its members can be reached', async ({
    expect,
  }) => {
    const { here } = await place(at[1], at[1])
    const began = performance.now()
    at[0].toNats.cut()
    const green = await greenUntil(here.look, began, 18_000)
    expect(green).toBeLessThanOrEqual(silent)
    expect((await here.look()).state).toBe('unknown')
    at[0].toNats.mend()
    await until('it is reachable', async () => (await here.look()).state === 'reachable')
  })

  test('PV1.2 PV3.9 a member who leaves with a word is told by the other node within a second, and green is over in ten', async ({
    expect,
  }) => {
    const { here, devices } = await place(at[1])
    expect((await here.look()).validFor).toBeLessThanOrEqual(9_000)
    const began = performance.now()
    for (const device of devices) {
      device.send({ type: 'goodbye', why: 'exit' })
      // It would come back, as one that was only closed.
      setTimeout(device.close, 50)
    }
    const green = await greenUntil(here.look, began, 2_000)
    expect(green).toBeLessThanOrEqual(clean)
    expect((await here.look()).state).not.toBe('reachable')
  })

  test('PV3.6 PV3.9 of a visitor whose node is killed nobody hears after six seconds, and nothing rings for them', async ({
    expect,
  }) => {
    const { here, there, devices } = await place(at[1])
    const visiting = await here.visit('Maria')
    await there.until(visiting, ({ ringing }) => ringing === 1)
    const call = callOn(devices[0])
    const began = performance.now()
    await at[0].kill()
    await until('over', () => (call?.ends.length ?? 0) > 0)
    // A lease, the two seconds in which what rings stops, and what taking a call over from a lost node may take.
    expect(performance.now() - began).toBeLessThan(6_000 + 2_000 + 10_000)
    expect(call?.ends).toMatchObject([{ outcome: 'cancelled' }])
    expect((await there.wait(visiting)).state).toBe('left')
    await at[0].start()
    await until('ready', () => nodes.isReady(at[0]))
  })
})
