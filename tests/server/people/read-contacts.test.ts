import { expect, test } from 'vitest'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { readContactsToWatch } from '../../../server/people/watching/read-contacts.ts'
import { testClock } from '../support/test-clock.ts'
import { memoryDatabase } from './memory-database.ts'

test('PW2.10 what one person chose is read for all who watch them together: each sees what they may see, and no older', async () => {
  let statements = 0
  const db = await memoryDatabase(() => {
    statements += 1
  })
  const clock = testClock()
  const person = (name: string) =>
    insertUser(db, { username: name, name, email: `${name}@clinic.example`, emailVerified: true }, 1)
  const ann = await person('ann')
  const watchers: string[] = []
  for (let n = 0; n < 150; n += 1) watchers.push(await person(`w${n}`))
  const [blocked = '', stranger = '', blocking = ''] = watchers
  const rows = watchers
    .filter((id) => id !== stranger)
    .flatMap((id) => [
      {
        userId: id,
        id: ann,
        otherId: ann,
        relation: id === blocking ? ('blocked' as const) : ('contact' as const),
      },
      {
        userId: ann,
        id,
        otherId: id,
        relation: id === blocked ? ('blocked' as const) : ('contact' as const),
      },
    ])
  await db
    .insertInto('contact')
    .values(rows.map((row) => ({ ...row, since: 1 })))
    .execute()
  const read = readContactsToWatch(db, clock)
  const choose = (status: 'away' | 'available', revision: number) =>
    db
      .insertInto('status')
      .values({ userId: ann, status, until: null, revision })
      .onConflict((c) => c.column('userId').doUpdateSet({ status, revision }))
      .execute()
  const among = new Set([ann])
  for (const [n, status] of (['away', 'available'] as const).entries()) {
    await choose(status, n + 1)
    statements = 0
    const seen = await Promise.all(watchers.map((userId) => read(userId, 'all', among)))
    expect(statements).toBeLessThanOrEqual(6)
    for (const [place, userId] of watchers.entries()) {
      const isNone = userId === stranger || userId === blocking
      const expected = {
        userId: ann,
        status: expect.objectContaining({ status }),
        isHidden: userId === blocked,
      }
      expect(seen[place]).toEqual(isNone ? [] : [expected])
    }
  }
})
