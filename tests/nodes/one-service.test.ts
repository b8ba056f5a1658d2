import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { insertUser } from '../../server/accounts/user-rows.ts'
import { readOperatorFile } from '../../server/operator-file.ts'
import type { SignedInPerson } from '../bench/load/signed-in-people.ts'
import { newKey, proofOf } from '../server/support/dpop-proofs.ts'
import { createNodes, type Nodes, type ServiceNode, until } from '../support/nodes/start-nodes.ts'

/** Three nodes for all: each test has people of its own. */
let nodes: Nodes
let at: readonly [ServiceNode, ServiceNode, ServiceNode]

beforeAll(async () => {
  nodes = await createNodes({ count: 3, environment: { RING_FOR: '20' } })
  at = nodes.all as unknown as typeof at
})
afterAll(async () => {
  for (const { output } of nodes?.all ?? [])
    for (const line of output()) if (line.includes('"err"')) console.log(line)
  await nodes?.close()
})

async function somebody(devices = 1): Promise<readonly [SignedInPerson, ...SignedInPerson[]]> {
  const [first, ...others] = await nodes.addPeople(1, devices)
  if (!first) throw new Error('nobody')
  return [first, ...others]
}

const reachabilityOf = ({ device }: SignedInPerson) =>
  nodes.database
    .selectFrom('reachability')
    .selectAll()
    .where('userId', 'in', nodes.database.selectFrom('device').select('userId').where('device', '=', device))
    .execute()

const within = (ms: number) => ({ timeout: ms, interval: 10 })

describe('three nodes are one service', { concurrent: true }, () => {
  test('J2.1 a newer connection of a device, at another node, closes the older one and takes its rings', async ({
    expect,
  }) => {
    const [person] = await somebody()
    const older = nodes.open(person, { at: at[0] })
    await until('green', older.isGreen)
    const newer = nodes.open(person, { at: at[1], boot: 2 })
    await until('green at the other node', newer.isGreen)
    await expect.poll(older.isGreen, within(2_000)).toBe(false)
    expect(older.outranked()).toBe(1)
    older.close()
    const placed = await nodes.callerAt(at[2]).place(person.username)
    await until('rings at the newer', () => newer.calls.has(placed.id ?? ''))
    expect(older.calls.size).toBe(0)
    await nodes.caller.cancel(placed.id ?? '')
  })

  test('J2.1 an older connection that arrives at another node after a newer one is refused', async ({
    expect,
  }) => {
    const [person] = await somebody()
    const newer = nodes.open(person, { at: at[1], boot: 5 })
    await until('green', newer.isGreen)
    const older = nodes.open(person, { at: at[0], boot: 2 })
    await expect.poll(older.outranked, within(5_000)).toBe(1)
    expect(older.welcomes()).toBe(0)
    older.close()
    expect(newer.isGreen()).toBe(true)
    expect(newer.closes).toEqual([])
  })

  test('J2.2 a call placed at one node rings and is answered at another, and its caller hears so at a third', async ({
    expect,
  }) => {
    const [person] = await somebody()
    const device = nodes.open(person, { at: at[1], onRing: (id, rung) => rung.press(id, 'answer') })
    await until('green', device.isGreen)
    const placed = await nodes.callerAt(at[0]).place(person.username)
    await nodes.callerAt(at[2]).follow(placed)
    expect(placed.ends).toMatchObject([
      { state: 'answered', disposition: 'ringing', devices: expect.any(Number) },
    ])
    await expect.poll(() => device.calls.get(placed.id ?? '')?.ends[0]).toMatchObject({ here: true })
  })

  test('J2.2 a device declines at one node what was placed at another, and the other device stops ringing', async ({
    expect,
  }) => {
    const [one, other] = await somebody(2)
    if (!other) throw new Error('no second device')
    const declining = nodes.open(one, { at: at[1] })
    const ringing = nodes.open(other, { at: at[2] })
    await until('both green', () => declining.isGreen() && ringing.isGreen())
    const placed = await nodes.callerAt(at[0]).place(one.username)
    const id = placed.id ?? ''
    await until('both ring', () => declining.calls.has(id) && ringing.calls.has(id))
    await expect.poll(async () => (await nodes.caller.get(id)).devices).toBe(2)
    declining.press(id, 'decline')
    await nodes.callerAt(at[2]).follow(placed)
    expect(placed.ends).toMatchObject([{ state: 'declined' }])
    await expect
      .poll(() => ringing.calls.get(id)?.ends[0])
      .toMatchObject({ outcome: 'declined', here: false })
  })

  test('J2.2 a call is cancelled at a node that does not drive it, and every device stops ringing', async ({
    expect,
  }) => {
    const [person] = await somebody()
    const device = nodes.open(person, { at: at[1] })
    await until('green', device.isGreen)
    const placed = await nodes.callerAt(at[0]).place(person.username)
    const id = placed.id ?? ''
    await until('rings', () => device.calls.has(id))
    const following = nodes.callerAt(at[0]).follow(placed)
    expect((await nodes.callerAt(at[2]).cancel(id)).status).toBe(200)
    await following
    expect(placed.ends.map(({ state }) => state)).toContain('cancelled')
    await expect
      .poll(() => device.calls.get(id)?.ends[0], within(1_000))
      .toMatchObject({ outcome: 'cancelled' })
  })

  test('J2.2 of two devices at two nodes that answer at once one has the call', async ({ expect }) => {
    const [one, other] = await somebody(2)
    if (!other) throw new Error('no second device')
    const both = [nodes.open(one, { at: at[1] }), nodes.open(other, { at: at[2] })]
    await until('both green', () => both.every((device) => device.isGreen()))
    const placed = await nodes.callerAt(at[0]).place(one.username)
    const id = placed.id ?? ''
    await until('both ring', () => both.every((device) => device.calls.has(id)))
    for (const device of both) device.press(id, 'answer')
    await until('both are told', () => both.every((device) => (device.calls.get(id)?.ends.length ?? 0) > 0))
    expect(both.filter((device) => device.calls.get(id)?.ends.some(({ here }) => here))).toHaveLength(1)
  })

  test('J2.2 a call asked for twice at once at two nodes with one key is one call', async ({ expect }) => {
    const [person] = await somebody()
    const key = `twice-${person.username}`
    const both = await Promise.all(
      [at[0], at[1]].map((node) => nodes.callerAt(node).place(person.username, { key })),
    )
    expect(both[0]?.id).toBeTruthy()
    expect(both[1]?.id).toBe(both[0]?.id)
  })

  test('J2.3 a session that ends at one node ends its connection at another within a second', async ({
    expect,
  }) => {
    const [person] = await somebody()
    const device = nodes.open(person, { at: at[1] })
    await until('green', device.isGreen)
    const { userId } = await nodes.database
      .selectFrom('device')
      .select('userId')
      .where('device', '=', person.device)
      .executeTakeFirstOrThrow()
    await nodes.database.deleteFrom('session').where('userId', '=', userId).execute()
    const operator = readOperatorFile(join(at[0].dataDir, 'operator.json'))
    const asked = await fetch(`${at[0].url()}/api/operator/recheck`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operator?.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ user: userId }),
    })
    expect(asked.status).toBe(204)
    await expect.poll(device.hasEnded, within(1_000)).toBe(true)
    expect(device.isGreen()).toBe(false)
  })

  test('J2.4 a missed call is counted on the devices at every node, and seen at one it is seen at all', async ({
    expect,
  }) => {
    const [one, other] = await somebody(2)
    if (!other) throw new Error('no second device')
    const both = [nodes.open(one, { at: at[1] }), nodes.open(other, { at: at[2] })] as const
    await until('both green', () => both.every((device) => device.isGreen()))
    const placed = await nodes.callerAt(at[0]).place(one.username)
    const id = placed.id ?? ''
    await nodes.callerAt(at[0]).cancel(id)
    for (const device of both) await expect.poll(device.missed).toContain(id)
    both[0].send({ type: 'seen', calls: [id], n: 1 })
    await expect.poll(both[1].missed).not.toContain(id)
  })

  test('J2.5 what was missed while no node had a device is told at whichever node it comes back to', async ({
    expect,
  }) => {
    const [person] = await somebody()
    const before = nodes.open(person, { at: at[0] })
    await until('green', before.isGreen)
    // That somebody can be reached is written with the node's next write, 2 s later at most.
    await until('it is on record', async () => (await reachabilityOf(person)).length > 0)
    before.close()
    await until('its lease is over', async () => {
      const placed = await nodes.callerAt(at[2]).place(person.username)
      await nodes.caller.cancel(placed.id ?? '')
      return placed.told[0]?.disposition === 'unreachable'
    })
    const after = nodes.open(person, { at: at[1], boot: 2 })
    await until('green', after.isGreen)
    expect(after.gaps).toHaveLength(1)
    expect(after.gaps[0]?.missed).toBeGreaterThan(0)
    expect(after.gaps[0]?.recorded).toBe(true)
    expect(after.missed()).toHaveLength(after.gaps[0]?.missed ?? 0)
  })

  test('J2.6 a proof that was used at one node is refused at another', async ({ expect }) => {
    const key = await newKey()
    const url = `${nodes.url}/api/session/end`
    const proof = await proofOf(key, { url, method: 'POST' })
    const ask = (node: ServiceNode) =>
      fetch(`${node.url()}/api/session/end`, {
        method: 'POST',
        headers: { dpop: proof, 'content-type': 'application/json' },
        body: JSON.stringify({ endToken: 'none' }),
      })
    expect((await ask(at[0])).status).toBe(204)
    expect((await ask(at[1])).status).toBe(401)
  })

  test('J2.6 wrong passwords that are tried at several nodes are counted together', async ({ expect }) => {
    const [person] = await somebody()
    const key = await newKey()
    const attempt = async (node: ServiceNode) => {
      const proof = await proofOf(key, { url: `${nodes.url}/api/session`, method: 'POST' })
      const response = await fetch(`${node.url()}/api/session`, {
        method: 'POST',
        headers: { dpop: proof, 'content-type': 'application/json' },
        body: JSON.stringify({ login: person.username, password: 'wrong', staySignedIn: false, device: 'd' }),
      })
      const { error } = (await response.json()) as { error?: string }
      return error
    }
    const told: (string | undefined)[] = []
    for (let n = 0; n < 6; n += 1) told.push(await attempt(at[n % 3] ?? at[0]))
    expect(told).toEqual([...Array(5).fill('wrong-credentials'), 'too-many-attempts'])
  })

  test('J2.7 a mail that any node could send is sent once', async ({ expect }) => {
    const addresses = await nodes.database.transaction().execute(async (transaction) => {
      const made: string[] = []
      for (let n = 0; n < 12; n += 1) {
        const email = `mailed-${n}@clinic.example`
        made.push(email)
        const username = `mailed-${n}`
        await insertUser(transaction, { name: `M ${n}`, email, emailVerified: true, username }, Date.now())
      }
      return made
    })
    const forms = await Promise.all(
      addresses.map((email, n) =>
        fetch(`${(at[n % 3] ?? at[0]).url()}/password/forgot`, {
          method: 'POST',
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            origin: nodes.url,
            'sec-fetch-site': 'same-origin',
          },
          body: new URLSearchParams({ login: email }),
          redirect: 'manual',
        }),
      ),
    )
    expect(forms.map(({ status }) => status).filter((status) => status >= 400)).toEqual([])
    const mails = () =>
      at.flatMap(({ dataDir }) => {
        const outbox = join(dataDir, 'outbox')
        const written = existsSync(outbox) ? readdirSync(outbox).filter((name) => name.endsWith('.eml')) : []
        const texts = written.map((name) => readFileSync(join(outbox, name), 'utf8'))
        return texts.map((text) => /^To:.*?(mailed-\d+@clinic\.example)/m.exec(text)?.[1]).filter(Boolean)
      })
    const left = () =>
      nodes.database
        .selectFrom('mail')
        .select('id')
        .where('sentAt', 'is', null)
        .where('failed', 'is', null)
        .execute()
    await until('all are mailed', () => mails().length >= addresses.length)
    await until('nothing is left to be sent', async () => (await left()).length === 0)
    expect(mails().toSorted()).toEqual(addresses.toSorted())
  })
})
