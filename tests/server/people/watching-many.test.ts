import { expect, test } from 'vitest'
import { mostContacts, mostInFrame } from '../../../protocol/people.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, settle } from '../support/people.ts'
import { watchingDevice } from './watching-device.ts'

test('PW2.6 PW2.1 who has 5,000 contacts and reads slowly is told of all, in frames that wait until there is room, and stays connected', async () => {
  const server = await startInProcessServer()
  const [annId = ''] = await settle(server, ann)
  const db = await server.db()
  await db.transaction().execute(async (trx) => {
    for (let from = 0; from < mostContacts; from += 500) {
      const ids = Array.from(
        { length: 500 },
        (_, n) => `contact-of-many-${String(from + n).padStart(20, '0')}`,
      )
      const [model] = await trx.selectFrom('user').selectAll().where('id', '=', annId).execute()
      if (!model) throw new Error('there is nobody')
      await trx
        .insertInto('user')
        .values(ids.map((id) => ({ ...model, id, email: `${id}@clinic.example`, username: id })))
        .execute()
      const row = (userId: string, otherId: string) =>
        ({ userId, id: otherId, otherId, relation: 'contact', since: 0 }) as const
      for (const rows of [ids.map((id) => row(annId, id)), ids.map((id) => row(id, annId))])
        await trx.insertInto('contact').values(rows).execute()
    }
  })
  const watcher = await watchingDevice(server, ann, 'ann-desk')
  const watching = watcher.watch('all')
  watcher.socket.pause()
  // By then she could have been told of all.
  const other = await watchingDevice(server, ann, 'ann-laptop')
  await other.watch('all')
  watcher.socket.resume()
  const first = await watching
  expect(first.length).toBeGreaterThanOrEqual(mostContacts / mostInFrame)
  expect(first.flatMap(({ of }) => of)).toHaveLength(mostContacts + 1)
  expect(watcher.socket.readyState).toBe(watcher.socket.OPEN)
  await watcher.lease()
})
