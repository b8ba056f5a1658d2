import { sql } from 'kysely'
import { test } from 'vitest'
import { systemClock } from '../../../server/clock.ts'
import { isBusyError } from '../../../server/database/busy-error.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import { isStorageError } from '../../../server/database/storage-error.ts'
import type { Database } from '../../../server/database/tables.ts'
import { DatabaseBusy } from '../../../server/database/turns.ts'
import { createWriteProbe } from '../../../server/database/write-probe.ts'
import { Refused, refusalOfError } from '../../../server/http/refused.ts'
import { createDatabase } from '../../support/nodes/postgres.ts'

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (fault) => fault,
  )

async function opened(onTestFinished: (ending: () => Promise<void>) => void): Promise<Database> {
  const { url, drop } = await createDatabase({ migrated: true })
  onTestFinished(drop)
  const db = await openPostgres(url)
  onTestFinished(() => db.destroy())
  return db
}

const write = (db: Database, level: number) =>
  db
    .insertInto('bucket')
    .values({ name: 'kept', level, at: 1 })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ level }))
    .execute()

/** A write probe of a node, and what it told of. */
function probing(db: Database) {
  const lost: unknown[] = []
  let isBroken = false
  const probe = createWriteProbe({
    db,
    clock: systemClock,
    together: async () => () => {},
    writeNode: async (transaction) => {
      const row = { id: 'one', startedAt: 1, writtenAt: 1, drainingSince: null }
      if (isBroken) await sql`select pg_terminate_backend(pg_backend_pid())`.execute(transaction)
      await transaction
        .insertInto('node')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute()
      return () => {}
    },
    makeRoom: () => false,
    onLost: (fault) => lost.push(fault),
    onError: () => {},
  })
  return { probe, lost, breakIt: () => (isBroken = true) }
}

test.concurrent('D5.7 D2.4 a row that another transaction keeps ends no lease, and is told as busy', async ({
  expect,
  onTestFinished,
}) => {
  const db = await opened(onTestFinished)
  await write(db, 1)
  const { probe, lost } = probing(db)
  expect(await probe.isWritable()).toBe(true)
  const { promise: until, resolve: letGo } = Promise.withResolvers<void>()
  const keeping = db.transaction().execute(async (transaction) => {
    // Who waits for the row is to be refused, and not this to be ended: on a slow machine either could come first.
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(transaction)
    await write(transaction, 2)
    await until
  })
  const fault = await rejection(probe.guard(() => write(db, 3)))
  expect(fault).toMatchObject({ code: '55P03' })
  expect([isBusyError(fault), isStorageError(fault)]).toEqual([true, false])
  expect(refusalOfError(fault)).toMatchObject({ status: 503, body: { error: 'busy', retryAfter: 1 } })
  expect([await probe.isWritable(), lost]).toEqual([true, []])
  letGo()
  await keeping
})

test.concurrent('D5.7 D2.4 a statement that takes too long, or comes between others for too long, is busy and no storage error', async ({
  expect,
  onTestFinished,
}) => {
  const db = await opened(onTestFinished)
  const { probe, lost } = probing(db)
  expect(await probe.isWritable()).toBe(true)
  const raised = (state: string) =>
    sql.raw(`do $$ begin raise exception 'so it is' using errcode = '${state}'; end $$`).execute(db)
  const faults = await Promise.all([
    rejection(probe.guard(() => sql`select pg_sleep(60)`.execute(db))),
    ...['40001', '40P01', '25P03'].map((state) => rejection(probe.guard(() => raised(state)))),
  ])
  expect(faults).toMatchObject(['57014', '40001', '40P01', '25P03'].map((code) => ({ code })))
  for (const fault of [...faults, new DatabaseBusy(), new Error('it failed', { cause: faults[0] })])
    expect([fault, isBusyError(fault), isStorageError(fault), refusalOfError(fault).status]).toEqual([
      ...[fault, true, false, 503],
    ])
  expect(lost).toEqual([])
})

test.concurrent('D2.4 one connection to PostgreSQL that breaks ends no lease; where the probe breaks too, every lease ends', async ({
  expect,
  onTestFinished,
}) => {
  const db = await opened(onTestFinished)
  const { probe, lost, breakIt } = probing(db)
  expect(await probe.isWritable()).toBe(true)
  const broken = () =>
    rejection(probe.guard(() => sql`select pg_terminate_backend(pg_backend_pid())`.execute(db)))
  const fault = await broken()
  expect([isStorageError(fault), refusalOfError(fault) instanceof Refused]).toEqual([true, true])
  expect([await probe.isWritable(), lost]).toEqual([true, []])
  await expect.poll(() => probe.counts.written).toBeGreaterThan(1)
  breakIt()
  await broken()
  await expect.poll(() => lost.length).toBe(1)
  expect(await probe.isWritable()).toBe(false)
})
