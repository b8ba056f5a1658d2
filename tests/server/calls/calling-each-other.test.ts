import { expect, onTestFinished, test } from 'vitest'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import type { CallRow } from '../../../server/database/call-tables.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import type { Database } from '../../../server/database/tables.ts'
import { tickEvery } from '../../../server/every.ts'
import { migratedPostgres } from '../../support/nodes/postgres.ts'
import { memoryDatabase } from '../people/memory-database.ts'
import { testClock } from '../support/test-clock.ts'
import { addPairs, callsAt, deviceAt } from './people-of-nodes.ts'

/** How many pairs of people call each other. */
const pairs = Number(process.env.PAIRS ?? 60)
/** So many of them in one moment. */
const atOnce = 20

/** Pairs of people, each with a device, who call each other in one moment, the one at a node and the other at the next. */
async function callEachOther(databases: readonly Database[]) {
  const [db] = databases
  if (!db) throw new Error('no database')
  const [bus, clock] = [createInProcessBus(), testClock()]
  const nodes = databases.map((own, n) => {
    const node = databases.length === 1 ? undefined : `node-${n}`
    return {
      node,
      bus,
      calls: callsAt({ db: own, bus, clock, ...(node && { node }), living: () => ['node-0', 'node-1'] }),
    }
  })
  // As a server does it: what a busy database refused in between is told with one of the next.
  const tick = async () => {
    for (const { calls } of nodes) calls.tick()
  }
  onTestFinished(
    tickEvery(100, tick, (error) => {
      throw error
    }),
  )
  const people = Array.from({ length: atOnce }, (_, n) => [`ann-${n}`, `ben-${n}`] as const)
  await addPairs(db, people)
  const devices = people.map((pair) =>
    pair.map((person, n) => {
      const at = nodes[n % nodes.length] ?? nodes[0]
      if (!at) throw new Error('no node')
      return { calls: at.calls, device: deviceAt({ ...at, calls: () => at.calls }, person, `d-${person}`) }
    }),
  )
  let called = 0
  for (let round = 0; called < pairs; round += 1) {
    const now = devices.slice(0, pairs - called)
    called += now.length
    const placed = await Promise.all(
      now.flatMap((pair) =>
        pair.map(({ calls, device }, n) => {
          const other = pair[1 - n]?.device.userId ?? ''
          return calls.placeTo(device.by(), { contact: other, key: `key-${round}-${device.userId}` })
        }),
      ),
    )
    const ids = placed.map((one) => (one.kind === 'placed' ? one.call.id : one.kind))
    const rows = await db.selectFrom('call').selectAll().execute()
    expect(rows).toHaveLength(now.length)
    for (const [n, pair] of now.entries()) {
      const row = rows.find(({ id }) => id === ids[2 * n])
      expect(ids[2 * n + 1]).toBe(ids[2 * n])
      expect(row).toMatchObject({ state: 'answered', answerKey: expect.any(String) })
      await hearAnswered(
        pair.map(({ device }) => device),
        row,
      )
    }
    for (const { calls } of nodes)
      await expect.poll(() => calls.counts().active).toEqual({ placed: 0, ringing: 0, waiting: 0 })
    await db.deleteFrom('call').execute()
    await db.deleteFrom('accountEvent').execute()
  }
  expect(called).toBe(pairs)
}

/** Both devices hear that it is answered, each on its side, and nothing else of how it ended. */
async function hearAnswered(
  pair: readonly ReturnType<typeof deviceAt>[],
  row: CallRow | undefined,
): Promise<void> {
  const caller = pair.find(({ userId }) => userId === row?.callerId)
  const callee = pair.find(({ userId }) => userId === row?.userId)
  const id = row?.id ?? ''
  await expect.poll(() => caller?.told.get(id)?.at(-1)).toMatchObject({ state: 'answered', room: row?.room })
  await expect.poll(() => callee?.over.some((over) => over.call === id && over.here)).toBe(true)
  for (const { call, outcome, here } of callee?.over ?? [])
    if (call === id) expect([outcome, here]).toEqual(['answered', true])
  expect(callee?.rang.filter((call) => call === id).length).toBeLessThanOrEqual(1)
  expect(caller?.rang).not.toContain(id)
}

test('PL2.1 of two who call each other in one moment one call comes, which both have', async () => {
  await callEachOther([await memoryDatabase()])
}, 3_600_000)

test('PL2.1 the same is so of two who do it at two nodes, on PostgreSQL', async () => {
  const url = await migratedPostgres()
  const databases = [await openPostgres(url), await openPostgres(url)]
  onTestFinished(async () => {
    await Promise.all(databases.map((db) => db.destroy()))
  })
  await callEachOther(databases)
}, 3_600_000)
