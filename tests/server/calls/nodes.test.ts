import { expect, test } from 'vitest'
import { ringSubject } from '../../../server/bus/person-message.ts'
import type { CallRow } from '../../../server/database/call-tables.ts'
import { ann } from './ann.ts'
import { callsOfNodes, type NodeOfCalls, rowOf, settle } from './calls-of-nodes.ts'

type Service = Awaited<ReturnType<typeof callsOfNodes>>

/** Two nodes, a device at each, and a call placed at the first that rings on both. */
async function ringing() {
  const service = await callsOfNodes()
  const [one, two] = [service.start('one'), service.start('two')]
  const [desk, ward] = [service.device(one, 'desk'), service.device(two, 'ward')]
  const { id } = rowOf(await service.place(one))
  await expect.poll(() => one.calls.get(id)).toMatchObject({ state: 'ringing', devices: 2 })
  await expect.poll(() => service.row(id)).toMatchObject({ state: 'ringing', devices: 2, owner: 'one' })
  return { service, one, two, desk, ward, id }
}

/** What somebody hears who follows a call at a node, each state once. */
function follow(node: NodeOfCalls, id: string) {
  const heard: string[] = []
  const look = async () => {
    const row = await node.calls.get(id)
    if (row && heard.at(-1) !== row.state) heard.push(row.state)
  }
  node.calls.onChange(id, () => void look())
  return heard
}

/** Lets whole seconds pass until what is asked for is so. */
async function passUntil(service: Service, isSo: () => Promise<boolean>, seconds = 20) {
  for (let second = 0; second < seconds; second += 1) {
    if (await isSo()) return second
    service.pass(1_000)
    await settle()
  }
  throw new Error(`not so after ${seconds} s`)
}

const states = (rows: readonly (CallRow | undefined)[]) => rows.map((row) => row?.state)

test('P6.2 whichever node is asked, a call is told as it stands, answered and cancelled, and its owner hears of it', async () => {
  for (const act of ['answer', 'decline', 'cancel'] as const) {
    const { service, one, two, desk, ward, id } = await ringing()
    const heard = [follow(one, id), follow(two, id)]
    expect(await two.calls.get(id)).toMatchObject({ state: 'ringing', devices: 2 })
    if (act === 'cancel') expect(await two.calls.cancel(id)).toBe(true)
    else await two.calls[act](service.by('ward'), id)
    const outcome = { answer: 'answered', decline: 'declined', cancel: 'cancelled' }[act]
    await expect.poll(() => heard.map((states) => states.at(-1))).toEqual([outcome, outcome])
    expect(states([await one.calls.get(id), await two.calls.get(id)])).toEqual([outcome, outcome])
    await expect.poll(() => one.calls.counts().active).toEqual({ placed: 0, ringing: 0, waiting: 0 })
    // Once in the whole service.
    expect([...one.calls.counts().ended, ...two.calls.counts().ended]).toMatchObject([{ outcome, count: 1 }])
    for (const [device, here] of [
      [desk, false],
      [ward, act !== 'cancel'],
    ] as const)
      expect(device.over[0]).toEqual({ call: id, outcome, here })
    if (act !== 'cancel')
      expect(
        await service.db.selectFrom('callLeg').select(['device', 'state']).orderBy('device').execute(),
      ).toEqual([
        { device: 'desk', state: 'acknowledged' },
        { device: 'ward', state: outcome },
      ])
  }
})

test('P6.2 P5.1 of an answer at each of two nodes and a cancel at a third one wins, and every device hears which', async () => {
  const { service, one, two, desk, ward, id } = await ringing()
  const three = service.start('three')
  const [, , cancelled] = await Promise.all([
    one.calls.answer(service.by('desk'), id),
    two.calls.answer(service.by('ward'), id),
    three.calls.cancel(id),
  ])
  const { state, byDevice } = await service.row(id)
  expect(cancelled).toBe(state === 'cancelled')
  await expect.poll(() => [desk.over.length > 0, ward.over.length > 0]).toEqual([true, true])
  for (const [device, name] of [
    [desk, 'desk'],
    [ward, 'ward'],
  ] as const)
    expect(new Set(device.over.map((over) => JSON.stringify(over)))).toEqual(
      new Set([JSON.stringify({ call: id, outcome: state, here: byDevice === name })]),
    )
})

test('P6.2 P4.1 the same key at two nodes makes one call, and both are told how it stands', async () => {
  const service = await callsOfNodes()
  const [one, two] = [service.start('one'), service.start('two')]
  const device = service.device(one, 'desk', false)
  const request = (node: NodeOfCalls) =>
    node.calls.place({
      ...{ to: 'ann', from: 'Dr Bell', waitFor: 0, placedBy: 'me', idempotencyKey: 'k' },
      callee: async () => ann,
    })
  const placing = [request(one), request(two), request(two)]
  await expect.poll(() => device.rang).toHaveLength(1)
  await settle()
  device.acknowledge(device.rang[0] ?? '')
  const placed = await Promise.all(placing)
  expect(new Set(placed.map((each) => rowOf(each).id)).size).toBe(1)
  for (const each of placed)
    expect(rowOf(each)).toMatchObject({ state: 'ringing', disposition: 'ringing', devices: 1 })
  expect(placed.filter(({ kind }) => kind === 'placed')).toHaveLength(1)
  expect(device.rang).toHaveLength(1)
})

test('P5.1 P3.2 while the end of a call whose time is over cannot be written, no device is told how it ended, and an answer that is written counts', async () => {
  for (const answers of [true, false]) {
    const { service, one, two, desk, ward, id } = await ringing()
    const heard = follow(one, id)
    one.takesWrites = false
    service.pass(45_000)
    await settle()
    service.pass(2_000)
    await settle()
    expect([desk.over, ward.over]).toEqual([[], []])
    expect(heard.at(-1)).toBe('waiting')
    if (answers) await two.calls.answer(service.by('ward'), id)
    one.takesWrites = true
    const outcome = answers ? 'answered' : 'missed'
    await passUntil(service, async () => heard.at(-1) === outcome, 3)
    for (const device of [desk, ward])
      expect(new Set(device.over.map((over) => over.outcome))).toEqual(new Set([outcome]))
    expect(await service.row(id)).toMatchObject({ state: outcome })
    // It rang nobody anew after its time.
    expect([desk.rang, ward.rang]).toEqual([[id], [id]])
  }
})

test('P6.3 a call whose node dies is taken over by one other, keeps its deadline, waits, and rings again', async () => {
  const { service, one, two, ward, id } = await ringing()
  const three = service.start('three')
  const { deadline } = await service.row(id)
  const heard = follow(three, id)
  one.kill()
  service.pass(1_000)
  await settle()
  // Nobody takes from a node what it may still have.
  expect(await service.row(id)).toMatchObject({ owner: 'one' })
  service.bury(one)
  // Without any further look at the clock.
  await expect.poll(async () => (await service.row(id)).owner).not.toBe('one')
  await expect.poll(() => service.row(id)).toMatchObject({ state: 'ringing', devices: 1 })
  const row = await service.row(id)
  expect(Math.abs(row.deadline - deadline)).toBeLessThan(100)
  expect(ward.rang).toEqual([id, id])
  await expect.poll(() => heard.at(-1)).toBe('ringing')
  expect([two, three].map(({ calls }) => calls.counts().active.ringing).sort()).toEqual([0, 1])
  await two.calls.answer(service.by('ward'), id)
  await expect.poll(() => heard.at(-1)).toBe('answered')
  expect(ward.over[0]).toEqual({ call: id, outcome: 'answered', here: true })
})

test('P6.3 a node that is drained lets go of its calls, which another takes over at once and in time', async () => {
  const { service, one, two, ward, id } = await ringing()
  const heard = follow(one, id)
  await one.calls.letGo()
  // Without any look at the clock.
  await expect.poll(() => service.row(id)).toMatchObject({ owner: 'two', state: 'ringing' })
  expect(ward.over).toEqual([])
  // Whoever still places one here does not know that the node goes: it is for another too.
  const further = rowOf(await service.place(one))
  expect(further).toMatchObject({ state: 'ringing', disposition: 'ringing', owner: 'two' })
  expect(one.calls.counts().active).toEqual({ placed: 0, ringing: 0, waiting: 0 })
  // Who follows it at the old node hears on.
  await two.calls.answer(service.by('ward'), id)
  await expect.poll(() => heard.at(-1)).toBe('answered')
})

test('P6.3 a node that is drained takes no call where no other lives, nor once it stops', async () => {
  const service = await callsOfNodes()
  const [one, two] = [service.start('one'), service.start('two')]
  await one.calls.letGo()
  expect(await service.place(one)).toMatchObject({ kind: 'placed' })
  two.kill()
  service.bury(two)
  expect(await service.place(one)).toEqual({ kind: 'stopping' })
  const three = service.start('three')
  await one.calls.stop()
  expect(await service.place(one)).toEqual({ kind: 'stopping' })
  expect(await service.place(three)).toMatchObject({ kind: 'placed' })
})

test('P6.3 a caller who waits for what came of a call hears that, though its node lets go of it', async () => {
  const service = await callsOfNodes()
  const [one, two] = [service.start('one'), service.start('two')]
  const ward = service.device(two, 'ward', false)
  const placing = service.place(one)
  await expect.poll(() => ward.rang).toHaveLength(1)
  await one.calls.letGo()
  await expect.poll(() => ward.rang).toHaveLength(2)
  ward.acknowledge(ward.rang[0] ?? '')
  expect(rowOf(await placing)).toMatchObject({ state: 'ringing', disposition: 'ringing', owner: 'two' })
})

test('P6.3 what the last node left is taken over by the next that starts, or is missed where its time ended', async () => {
  const { service, one, two, id } = await ringing()
  two.kill()
  service.bury(two)
  const long = rowOf(await service.place(one, undefined, 120))
  await one.calls.stop()
  one.kill()
  service.bury(one)
  expect((await service.row(id)).owner).toBeNull()
  service.pass(50_000)
  const three = service.start('three')
  await three.calls.recover()
  await expect.poll(() => service.row(id)).toMatchObject({ state: 'missed', why: 'server-restarted' })
  expect((await service.row(long.id)).owner).toBe('three')
  expect(three.calls.counts().ended).toMatchObject([{ outcome: 'missed', why: 'server-restarted' }])
})

test('P6.4 a node that stood still and was believed dead lets go of its calls, and nobody hears anything else', async () => {
  const { service, one, two, desk, ward, id } = await ringing()
  one.freeze()
  service.bury(one)
  await passUntil(service, async () => (await service.row(id)).owner === 'two')
  await two.calls.answer(service.by('ward'), id)
  await expect.poll(() => ward.over).toHaveLength(1)
  const rings = ward.rang.length
  service.pass(10_000)
  one.thaw()
  await expect.poll(() => one.calls.counts().active).toEqual({ placed: 0, ringing: 0, waiting: 0 })
  service.pass(60_000)
  await settle()
  expect(await service.row(id)).toMatchObject({ state: 'answered', owner: 'two', byDevice: 'ward' })
  expect(ward.rang).toHaveLength(rings)
  expect(one.calls.counts().ended).toEqual([])
  for (const { over } of [desk, ward])
    expect(new Set(over.map(({ outcome }) => outcome))).toEqual(new Set(['answered']))
})

test('P6.4 a node that cannot read the record does not say that a call rings which another took over, nor rings it', async () => {
  const { service, one, two, desk, ward, id } = await ringing()
  const heard = follow(one, id)
  one.hasDatabase = false
  service.bury(one)
  await passUntil(service, async () => (await service.row(id)).owner === 'two')
  await expect.poll(() => heard.at(-1)).toBe('waiting')
  await two.calls.answer(service.by('ward'), id)
  await settle()
  const rings = desk.rang.length
  desk.gainLease()
  ward.gainLease()
  for (let second = 0; second < 60; second += 1) {
    service.pass(1_000)
    await settle()
  }
  expect(heard.at(-1)).toBe('waiting')
  expect(desk.rang).toHaveLength(rings)
  expect(new Set([...desk.over, ...ward.over].map(({ outcome }) => outcome))).toEqual(new Set(['answered']))
  one.hasDatabase = true
  await expect.poll(() => heard.at(-1), { timeout: 5_000 }).toBe('answered')
  expect(one.calls.counts().active).toEqual({ placed: 0, ringing: 0, waiting: 0 })
  expect(desk.rang).toHaveLength(rings)
})

test('P6.4 a node that could not read the record for 6 s says nothing of its calls, and rings nobody until it can', async () => {
  const { service, one, desk, id } = await ringing()
  const heard = follow(one, id)
  one.hasDatabase = false
  await passUntil(service, async () => heard.at(-1) === 'waiting', 8)
  const rings = desk.rang.length
  desk.gainLease()
  service.pass(1_000)
  await settle()
  expect(desk.rang).toHaveLength(rings)
  one.hasDatabase = true
  await expect.poll(() => heard.at(-1), { timeout: 5_000 }).toBe('ringing')
})

test('P6.4 an answer at a node whose call was taken over counts all the same', async () => {
  const { service, one, two, desk, id } = await ringing()
  service.bury(one)
  two.calls.tick()
  await passUntil(service, async () => (await service.row(id)).owner === 'two')
  await one.calls.answer(service.by('desk'), id)
  expect(await service.row(id)).toMatchObject({ state: 'answered', byDevice: 'desk', owner: 'two' })
  await expect.poll(() => desk.over[0]).toEqual({ call: id, outcome: 'answered', here: true })
})

test('P6.5 while the bus is lost a call waits, and its caller hears so; once it is there again every device is asked anew', async () => {
  const { service, one, desk, ward, id } = await ringing()
  const heard = follow(one, id)
  one.bus.cut()
  await expect.poll(() => heard).toEqual(['waiting'])
  await expect.poll(() => service.row(id)).toMatchObject({ state: 'waiting', devices: 0 })
  one.bus.mend()
  await expect.poll(() => service.row(id)).toMatchObject({ state: 'ringing', devices: 2 })
  expect([desk.rang, ward.rang]).toEqual([
    [id, id],
    [id, id],
  ])
})

test('P6.5 what rings at a node that answers nobody does not count, and is asked again once it does', async () => {
  const { service, one, two, ward, id } = await ringing()
  two.bus.cut()
  await passUntil(service, async () => (await service.row(id)).devices === 1, 4)
  two.bus.mend()
  await passUntil(service, async () => (await service.row(id)).devices === 2, 4)
  expect(ward.rang).toEqual([id, id])
  expect(one.calls.counts().active.ringing).toBe(1)
})

test('P6.6 what a node wrote and could not tell others tell: its callers, its devices, and whoever drives the call', async () => {
  for (const dies of [true, false]) {
    const { service, one, two, desk, ward, id } = await ringing()
    const three = service.start('three')
    const heard = follow(three, id)
    // It writes the end and is gone, or loses what it says, before anybody hears of it.
    const ender = dies ? one : two
    ender.bus.loses = () => true
    if (dies) await one.calls.answer(service.by('desk'), id)
    else await two.calls.answer(service.by('ward'), id)
    if (dies) {
      one.kill()
      service.pass(1_000)
      await settle()
      service.bury(one)
    }
    await passUntil(service, async () => heard.at(-1) === 'answered', 4)
    await passUntil(service, async () => ward.over.length > 0, 4)
    expect(ward.over[0]).toEqual({ call: id, outcome: 'answered', here: !dies })
    if (!dies) expect(desk.over[0]).toEqual({ call: id, outcome: 'answered', here: false })
    expect(states([await service.row(id)])).toEqual(['answered'])
  }
})

test('P6.5 a device that went as its node had lost the bus rings no more, though that was too short for others to notice', async () => {
  const { service, one, two, ward, id } = await ringing()
  const heard = follow(one, id)
  two.bus.cut()
  ward.lose()
  two.bus.mend()
  await settle()
  expect(await one.calls.get(id)).toMatchObject({ state: 'ringing', devices: 1 })
  ward.gainLease()
  await expect.poll(() => one.calls.get(id)).toMatchObject({ state: 'ringing', devices: 2 })
  expect(ward.rang).toEqual([id, id])
  expect(heard.filter((state) => state !== 'ringing')).toEqual([])
  expect(await service.row(id)).toMatchObject({ owner: 'one' })
})

test('P6.6 how a call ended that nobody drove, or a node that is dead, is told once the bus of whoever wrote it is there again', async () => {
  for (const isDead of [true, false]) {
    const { service, one, two, ward, id } = await ringing()
    two.bus.cut()
    if (isDead) one.kill()
    else await one.calls.letGo()
    await two.calls.answer(service.by('ward'), id)
    expect(await service.row(id)).toMatchObject({ state: 'answered', owner: isDead ? 'one' : null })
    if (isDead) service.bury(one)
    service.pass(1_000)
    await settle()
    expect(ward.over).toEqual([])
    // Not even the record can be read at once.
    two.hasDatabase = false
    two.bus.mend()
    await settle()
    two.hasDatabase = true
    await expect.poll(() => ward.over[0]).toEqual({ call: id, outcome: 'answered', here: true })
  }
})

test('P6.6 a node that stood still tells again how calls ended meanwhile, since what came for its devices was too old', async () => {
  const { service, one, two, desk, ward, id } = await ringing()
  two.freeze()
  two.bus.deaf = true
  await one.calls.answer(service.by('desk'), id)
  await settle()
  expect(desk.over).toHaveLength(1)
  for (let second = 0; second < 4; second += 1) service.pass(1_000)
  two.thaw()
  two.bus.deaf = false
  await expect.poll(() => ward.over[0]).toEqual({ call: id, outcome: 'answered', here: false })
})

test('P2.1 P6.5 a report that waits until its age is known is not overtaken by the news that nobody was asked', async () => {
  const service = await callsOfNodes()
  const [one, two] = [service.start('one'), service.start('two')]
  one.bus.subscribe(ringSubject('ann'), () => false)
  // As over NATS: that nobody else will reply is not known before its time is over.
  one.bus.subscribe(ringSubject('ann'), () => new Promise(() => {}))
  service.device(two, 'ward')
  const known = Promise.withResolvers<void>()
  one.bus.waits = (subject) => (/^legs\.|^calls\.heard\./.test(subject) ? known.promise : undefined)
  const placing = service.place(one)
  for (let n = 0; n < 5; n += 1) await settle()
  known.resolve()
  expect(rowOf(await placing)).toMatchObject({ state: 'ringing', disposition: 'ringing' })
})

test('P6.6 a node that had lost the bus for a day tells again only what a device may still show, of a hundred calls at a time', async () => {
  const { service, one, two, desk, ward, id } = await ringing()
  await one.calls.answer(service.by('desk'), id)
  await expect.poll(() => [desk.over.length, ward.over.length]).toEqual([1, 1])
  const known = await service.row(id)
  const day = 86_400_000
  two.bus.cut()
  service.clock.advance(day)
  const endedThen = (at: number, kind: string) => (n: number) => ({
    ...known,
    ...{ id: `${kind}-${n}`, room: `${kind}-${n}`, idempotencyKey: null },
    ...{ at, deadline: at + 45_000, endedAt: at + 1_000 },
  })
  const now = service.clock.wall()
  const rows = [
    ...Array.from({ length: 120 }, (_, n) => endedThen(now - day / 2, 'old')(n)),
    ...Array.from({ length: 250 }, (_, n) => endedThen(now - 10_000, 'recent')(n)),
  ]
  for (let n = 0; n < rows.length; n += 50)
    await service.db
      .insertInto('call')
      .values(rows.slice(n, n + 50))
      .execute()
  ward.over.length = 0
  let most = 0
  let toldBefore = 0
  const count = () => {
    most = Math.max(most, ward.over.length - toldBefore)
    toldBefore = ward.over.length
  }
  two.bus.mend()
  for (const until = performance.now() + 10_000; ward.over.length < 250 && performance.now() < until; count())
    await new Promise((resolve) => setImmediate(resolve))
  await settle()
  expect(ward.over.filter(({ call }) => call.startsWith('old'))).toEqual([])
  expect(new Set(ward.over.map(({ call }) => call)).size).toBe(250)
  expect(most).toBeLessThanOrEqual(100)
})

test('P6.6 a call whose writing seemed to fail is kept as missed, and holds no appearance', async () => {
  const service = await callsOfNodes()
  const one = service.start('one')
  service.device(one, 'desk')
  const { id } = rowOf(await service.place(one))
  const known = await service.row(id)
  await service.db
    .insertInto('call')
    .values({ ...known, id: 'unknown', room: 'unknown', appearance: 2, idempotencyKey: null })
    .execute()
  await passUntil(service, async () => (await service.row('unknown')).state === 'missed', 5)
  expect(await service.row('unknown')).toMatchObject({ why: 'server-restarted' })
  expect(await service.row(id)).toMatchObject({ state: 'ringing' })
})
