import { expect, onTestFinished, test } from 'vitest'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { insertCall } from '../../../server/calls/call-rows.ts'
import { enqueueMissedCallMails } from '../../../server/calls/missed-call-mails.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import { migratedPostgres } from '../../support/nodes/postgres.ts'

const minute = 60_000

test('J2.7 M5.1 nodes that look at one moment for whom to mail about missed calls mail each person once', async () => {
  const url = await migratedPostgres()
  const nodes = [await openPostgres(url), await openPostgres(url), await openPostgres(url)] as const
  onTestFinished(async () => {
    await Promise.all(nodes.map((db) => db.destroy()))
  })
  const [db] = nodes
  const now = Date.now()
  const people = Array.from({ length: 12 }, (_, n) => `person-${n}`)
  for (const name of people) {
    const email = `${name}@clinic.example`
    const id = await insertUser(db, { username: name, name, email, emailVerified: true }, now)
    const callee = { id, name, username: name, email, picture: null, language: null }
    const call = { callee, to: name, from: 'Dr Bell', placedBy: 'desk', waitFor: 0, idempotencyKey: null }
    const at = now - 11 * minute
    await insertCall(db, call, { now: at, deadline: at, owner: null, furtherOne: () => 'busy' })
  }
  const missed = { state: 'missed', why: 'unreachable', disposition: 'unreachable', endedAt: now } as const
  await db.updateTable('call').set(missed).execute()

  const counts = await Promise.all(nodes.map((node, n) => enqueueMissedCallMails(node, now + n, 10 * minute)))
  const mails = await db.selectFrom('mail').select(['to', 'values', 'madeAt']).execute()
  expect(mails.map(({ to }) => to).sort()).toEqual(people.map((name) => `${name}@clinic.example`).sort())
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(12)
  // Each is the mail about its call: as it leaves it tells what was settled as it was made.
  const settled = await db.selectFrom('call').select(['id', 'mailedAt']).execute()
  for (const { id, mailedAt } of settled)
    expect(mails.filter(({ values }) => values?.includes(id)).map(({ madeAt }) => madeAt)).toEqual([mailedAt])
})
