import { expect, onTestFinished, test } from 'vitest'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import { migratedPostgres } from '../../support/nodes/postgres.ts'
import { callsOfNodes, type NodeOfCalls, rowOf } from './calls-of-nodes.ts'

/** Each node with connections of its own, whose transactions really meet. */
test('P6.2 P5.1 P4.1 D1.4 on PostgreSQL nodes that do the same at once make one call and one end of it, and the fifth ring is the last', async () => {
  const db = await openPostgres(await migratedPostgres())
  onTestFinished(() => db.destroy())
  const service = await callsOfNodes(db)
  const nodes = [service.start('one'), service.start('two'), service.start('three')] as const
  const device = service.device(nodes[0], 'desk')
  const callee = {
    id: 'ann',
    name: 'Ann',
    username: 'ann',
    email: 'a@b.example',
    picture: null,
    language: null,
  }
  const place = (node: NodeOfCalls, key: string, placedBy: string) =>
    node.calls.place({
      to: 'ann',
      from: 'Dr Bell',
      waitFor: 0,
      placedBy,
      idempotencyKey: key,
      callee: async () => callee,
    })

  const same = await Promise.all(nodes.flatMap((node) => [place(node, 'k', 'me'), place(node, 'k', 'me')]))
  const { id } = rowOf(same[0] ?? { kind: 'stopping' })
  for (const placed of same)
    expect(rowOf(placed)).toMatchObject({ id, state: 'ringing', disposition: 'ringing' })
  expect(same.filter(({ kind }) => kind === 'placed')).toHaveLength(1)
  expect(device.rang).toEqual([id])

  const [, , cancelled] = await Promise.all([
    nodes[0].calls.answer(service.by('desk'), id),
    nodes[1].calls.decline(service.by('ward'), id),
    nodes[2].calls.cancel(id),
  ])
  const { state, byDevice } = await service.row(id)
  expect(cancelled).toBe(state === 'cancelled')
  expect(byDevice).toBe({ answered: 'desk', declined: 'ward' }[state as string] ?? null)
  await expect.poll(() => new Set(device.over.map(({ outcome }) => outcome))).toEqual(new Set([state]))

  const many = await Promise.all(
    ['a', 'b', 'c', 'd'].flatMap((key) => nodes.map((node, at) => place(node, key, `caller-${at}`))),
  )
  const rows = many.map(rowOf)
  expect(new Set(rows.map((row) => row.id)).size).toBe(12)
  expect(rows.filter((row) => row.state === 'ringing')).toHaveLength(5)
  expect(rows.filter((row) => row.state === 'missed' && row.why === 'busy')).toHaveLength(7)

  // The node that drives the five is gone: each is taken over once.
  nodes[0].kill()
  service.bury(nodes[0])
  await expect
    .poll(
      async () => {
        service.pass(1_000)
        const left = await db.selectFrom('call').select('owner').where('endedAt', 'is', null).execute()
        return left.every(({ owner }) => owner === 'two' || owner === 'three')
      },
      { timeout: 10_000 },
    )
    .toBe(true)
}, 60_000)
