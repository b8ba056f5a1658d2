import { expect, test } from 'vitest'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { messageRequests } from '../../../server/messages/message-requests.ts'
import { memoryDatabase } from '../people/memory-database.ts'
import { testClock } from '../support/test-clock.ts'

test('PM3.2 PC1.6 to read what a contact wrote costs the same statements where they have blocked me', async () => {
  let statements: string[] = []
  const db = await memoryDatabase((sql) => statements.push(sql))
  const clock = testClock()
  const requests = messageRequests({ db, clock, bus: { publish: () => {} } })
  const by = (userId: string) => ({ userId, device: 'd', connection: 'c' })
  const [ann = '', ben = '', cem = ''] = await Promise.all(
    ['ann', 'ben', 'cem'].map((name) =>
      insertUser(db, { username: name, name, email: `${name}@clinic.example`, emailVerified: true }, 1),
    ),
  )
  for (const other of [ben, cem])
    for (const [userId, id] of [
      [ann, other],
      [other, ann],
    ] as const)
      await db
        .insertInto('contact')
        .values({ userId, id, otherId: id, relation: 'contact', since: 1 })
        .execute()
  await db.updateTable('user').set({ tellsRead: 1 }).execute()
  const readAll: string[][] = []
  for (const other of [ben, cem]) {
    for (const key of ['1', '2'])
      await requests.send(by(other), { what: 'send', contact: ann, key, text: key })
    if (other === cem)
      await db.updateTable('contact').set({ relation: 'blocked' }).where('userId', '=', cem).execute()
    for (const until of [1, 2]) {
      statements = []
      await requests.read(by(ann), { what: 'read', contact: other, until })
      readAll.push([...statements])
    }
  }
  const [first, last, ...blocked] = readAll
  expect(first?.length).toBeGreaterThan(9)
  expect(blocked).toEqual([first, last])
})
