import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { CallRow } from '../../../server/database/call-tables.ts'
import { ownedCalls } from './owned-calls.ts'

test('P2.4 P6.1 a further caller is told what is so now, even while the record is a write behind, which it is not for long', async () => {
  let writes = true
  const { db, clock, owner, report, place } = await ownedCalls(async (write) => {
    if (!writes) throw new Error('no write now')
    return write()
  })
  const placed = async () => {
    const done = await place()
    if (done.kind !== 'placed') throw new Error('a new key each time')
    return done.row
  }
  const five: CallRow[] = []
  for (let n = 0; n < 5; n += 1) five.push(await placed())
  expect(five.map(({ state }) => state)).toEqual(Array(5).fill('ringing'))
  expect(await placed()).toMatchObject({ state: 'missed', disposition: 'busy' })

  const record = () => db.selectFrom('call').select('state').where('endedAt', 'is', null).execute()
  writes = false
  report({ kind: 'lost', connection: 'one' })
  await expect.poll(() => owner.get(five[0]?.id ?? '')).toMatchObject({ state: 'waiting' })
  writes = true
  expect(await placed()).toMatchObject({ state: 'missed', disposition: 'unreachable' })
  expect(await record()).toEqual(Array(5).fill({ state: 'ringing' }))

  clock.advance(1_000)
  owner.tick()
  await expect.poll(record).toEqual(Array(5).fill({ state: 'waiting' }))
})

test('C2.4 a further call that is kept as missed is not refused when its callee cannot be told', async () => {
  let full = false
  const { db, place } = await ownedCalls(async (write) => {
    const written = await write()
    // From here on nothing can be read of any call.
    if (full) await sql`alter table "call" rename to "elsewhere"`.execute(db)
    return written
  })
  for (let n = 0; n < 5; n += 1) await place()
  full = true
  expect(await place()).toMatchObject({ kind: 'placed', row: { state: 'missed', disposition: 'busy' } })
  expect(await sql`select id from "elsewhere"`.execute(db)).toMatchObject({ rows: { length: 6 } })
})
