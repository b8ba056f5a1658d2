import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { inProcessBus } from '../../../server/bus/in-process.ts'
import { type LegReport, legsSubject } from '../../../server/bus/leg-report.ts'
import { parsePersonMessage, personSubject } from '../../../server/bus/person-message.ts'
import { calls } from '../../../server/calls/calls.ts'
import type { CallRow } from '../../../server/database/tables.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/start-service.ts'
import { testClock } from '../support/test-clock.ts'

test('C9.7 C11.2 a further caller is told what is so now, even while the record is a write behind, which it is not for long', async () => {
  const [db, bus, clock] = [await openTestDatabase(temporaryFolder()), inProcessBus(), testClock()]
  const at = new Date().toISOString()
  await db
    .insertInto('user')
    .values({
      ...{ id: 'ann', name: 'Ann', email: 'ann@clinic.example', emailVerified: 0, image: null },
      ...{ username: 'ann', displayUsername: 'ann', createdAt: at, updatedAt: at },
    })
    .execute()
  const report = (what: LegReport) => bus.publish(legsSubject('ann'), what)
  // One device, which acknowledges at once.
  bus.subscribe(personSubject('ann'), (payload) => {
    const message = parsePersonMessage(payload)
    if (message.kind !== 'ring') return undefined
    report({ kind: 'asked', call: message.call.id, connection: 'one', device: 'desk' })
    report({ kind: 'acknowledged', call: message.call.id, connection: 'one' })
    return undefined
  })
  let writes = true
  const owner = calls({
    ...{ db, bus, clock, ringFor: 45_000, roomAddress: String, log: pino({ level: 'silent' }) },
    pulse: {
      keeps: async () => writes,
      sweep: async () => {},
      guard: async (write) => {
        if (!writes) throw new Error('no write now')
        return write()
      },
    },
  })
  const place = async () => {
    const callee = async () => ({
      ...{ id: 'ann', name: 'Ann', email: 'ann@clinic.example' },
      ...{ username: 'ann', picture: null, language: null },
    })
    const asked = { to: 'ann', from: 'Dr Bell', placedBy: 'x', waitFor: 0, idempotencyKey: randomUUID() }
    const placed = await owner.place({ ...asked, callee })
    if (placed.kind === 'key-reused') throw new Error('a new key each time')
    return placed.row
  }
  const five: CallRow[] = []
  for (let n = 0; n < 5; n += 1) five.push(await place())
  expect(five.map(({ state }) => state)).toEqual(Array(5).fill('ringing'))
  expect(await place()).toMatchObject({ state: 'missed', disposition: 'busy' })

  const record = () => db.selectFrom('call').select('state').where('endedAt', 'is', null).execute()
  writes = false
  report({ kind: 'lost', connection: 'one' })
  await expect.poll(() => owner.look(five[0]?.id ?? '')).toMatchObject({ state: 'waiting' })
  writes = true
  expect(await place()).toMatchObject({ state: 'missed', disposition: 'unreachable' })
  expect(await record()).toEqual(Array(5).fill({ state: 'ringing' }))

  clock.advance(1_000)
  owner.sweep()
  await expect.poll(record).toEqual(Array(5).fill({ state: 'waiting' }))
})
