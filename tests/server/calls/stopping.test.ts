import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ownedCalls } from './owned-calls.ts'

const stopped = { state: 'missed', why: 'server-restarted' }

/** What is in the record: how each call stands, the first one first. */
const recordOf = ({ db }: Awaited<ReturnType<typeof ownedCalls>>) =>
  db.selectFrom('call').select(['state', 'why']).orderBy('appearance').execute()

test('S4.5 C2.4 a call whose callee is found only once the server stops is refused, and leaves nothing', async () => {
  const device = await ownedCalls()
  const found = Promise.withResolvers<void>()
  const late = device.place(found.promise)
  await device.owner.stop()
  found.resolve()
  expect(await late).toEqual({ kind: 'stopping' })
  expect(await recordOf(device)).toEqual([])
})

test('S4.5 a call that is being written down when the server stops ends with it, and its caller is told so', async () => {
  const [reached, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const device = await ownedCalls(async (write) => {
    reached.resolve()
    await goOn.promise
    return write()
  })
  const placing = device.place()
  await reached.promise
  const stopping = device.owner.stop()
  goOn.resolve()
  await stopping
  expect(await recordOf(device)).toEqual([stopped])
  expect(await placing).toMatchObject({ kind: 'placed', row: stopped })
})

test('S4.5 an end that cannot be written at the stop keeps no other from being written', async () => {
  const device = await ownedCalls()
  const [unlucky] = [await device.place(), await device.place()]
  const [row] = await device.db.selectFrom('call').selectAll().where('appearance', '=', 2).execute()
  if (!row || !('row' in unlucky)) throw new Error('both were placed')
  // One that only the record knows.
  await device.db
    .insertInto('call')
    .values({ ...row, id: 'left', room: 'left', appearance: 3, idempotencyKey: null })
    .execute()
  const refuse = `when old.id = '${unlucky.row.id}' begin select raise(abort, 'no end'); end`
  await sql.raw(`create trigger no_end before update on "call" ${refuse}`).execute(device.db)
  await expect(device.owner.stop()).rejects.toThrow('no end')
  expect(await recordOf(device)).toEqual([{ state: 'ringing', why: null }, stopped, stopped])
})
