import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import { createCalleeDevices } from '../../../server/calls/callee-devices.ts'
import { databaseNow } from '../../../server/database/database-now.ts'
import { createDatabaseClock } from '../../../server/nodes/database-clock.ts'
import { createNodeRecord } from '../../../server/nodes/node-record.ts'
import { createWatchedPeople } from '../../../server/people/watching/watched-people.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'
import { testClock } from '../support/test-clock.ts'

const bus = () =>
  createInProcessBus((_, error) => {
    throw error
  })

test('PW2.3 while a node of an older version lives nobody is known to be offline, and who watches hears when it is gone', () => {
  const clock = testClock()
  clock.standStill()
  let doAllTell = false
  const heard: string[] = []
  const people = createWatchedPeople({
    ...{ clock, bus: bus(), hasOthers: true, doAllTell: () => doAllTell },
    onLeases: (userId) => heard.push(userId),
    onStatus: () => {},
  })
  people.watch('ann')
  clock.advance(60_000)
  people.tick()
  expect(people.isAsked('ann')).toBe(false)
  heard.length = 0
  people.tick()
  expect(heard).toEqual([])
  doAllTell = true
  people.tick()
  expect([people.isAsked('ann'), heard]).toEqual([true, ['ann']])
})

test('PW2.3 nobody is said to be gone who placed a call where a node of an older version may hold their lease', async () => {
  let doAllTell = false
  const devices = createCalleeDevices({
    ...{ bus: bus(), clock: testClock(), roomAddress: ({ room }) => room },
    haveAllHeard: async () => true,
    doAllTell: () => doAllTell,
  })
  expect(await devices.isReachable('ann')).toBeUndefined()
  doAllTell = true
  expect(await devices.isReachable('ann')).toBe(false)
})

test('PW2.3 a node says in its row that it tells of leases, which one of an older version does not', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const log = pino({ level: 'silent' })
  const record = (id: string) => createNodeRecord({ db, clock: createDatabaseClock(testClock()), log, id })
  await db
    .insertInto('node')
    .values({ id: 'older', startedAt: databaseNow(db), writtenAt: databaseNow(db), drainingSince: null })
    .execute()
  await db.transaction().execute((trx) => record('another').write(trx))
  const own = record('own')
  await own.look()
  expect(new Map(own.living().map(({ id, tellsLeases }) => [id, tellsLeases]))).toEqual(
    new Map([
      ['older', false],
      ['another', true],
    ]),
  )
})
