import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { enqueueMissedCallMails } from '../../../server/calls/missed-call-mails.ts'
import { sendFromClinic } from '../../../server/messages/clinic-messages.ts'
import { enqueueUnreadMails } from '../../../server/messages/unread-mails.ts'
import { memoryDatabase } from '../people/memory-database.ts'
import { testClock } from '../support/test-clock.ts'

const minute = 60_000

test('M5.4 PM6.4 whoever’s mail cannot be written keeps nobody else’s from being written, about calls and messages', async () => {
  const db = await memoryDatabase()
  const clock = testClock()
  clock.standStill()
  const now = clock.wall()
  const person = (name: string) =>
    insertUser(db, { username: name, name, email: `${name}@clinic.example`, emailVerified: true }, now)
  const people = [await person('ann'), await person('ben'), await person('cem')]
  const [first = ''] = people
  for (const [n, userId] of people.entries()) {
    await sendFromClinic({ db, clock, bus: { publish() {} } }, { to: userId, key: `k${n}`, text: 'Hello' })
    await db
      .insertInto('call')
      .values({
        ...{
          id: `call-${n}`,
          userId,
          owner: null,
          to: 'x',
          from: 'x',
          placedBy: 'key',
          idempotencyKey: null,
        },
        ...{
          callerId: null,
          callerDevice: null,
          hidden: null,
          reply: null,
          answerKey: null,
          busyUntil: null,
        },
        ...{ waitFor: 0, devices: 0, byDevice: null, appearance: null, room: `room-${n}`, seenAt: null },
        ...{ state: 'missed', disposition: 'unreachable', why: 'unreachable', mailedAt: null },
        ...{ at: now + n, deadline: now, endedAt: now },
      })
      .execute()
  }
  await sql`create trigger "refuses" before insert on "mail" when new."userId" = ${sql.lit(first)}
    begin select raise(abort, 'there is no room'); end`.execute(db)
  const later = now + 20 * minute
  await expect(enqueueMissedCallMails(db, later, 10 * minute)).rejects.toThrow('this failed 1 times')
  await expect(enqueueUnreadMails(db, later, 10 * minute)).rejects.toThrow('this failed 1 times')
  const mails = await db.selectFrom('mail').select(['userId', 'kind']).execute()
  const others = people.slice(1)
  expect(new Set(mails.map(({ userId, kind }) => `${kind} ${userId}`))).toEqual(
    new Set(others.flatMap((userId) => [`missed ${userId}`, `unread ${userId}`])),
  )
  // Theirs is written as soon as it can be.
  await sql`drop trigger "refuses"`.execute(db)
  expect(await enqueueMissedCallMails(db, later, 10 * minute)).toBe(1)
  expect(await enqueueUnreadMails(db, later, 10 * minute)).toBe(1)
})
