import { expect, test } from 'vitest'
import type { AccountChange, Contact, ExpectedCall } from '../../protocol/people.ts'
import { insertUser } from '../../server/accounts/user-rows.ts'
import type { Database } from '../../server/database/tables.ts'
import { deleteAccount } from '../../server/my-account/delete-account.ts'
import { appendEvents, eventsAfter } from '../../server/people/account-events.ts'
import { enqueueWebhooks } from '../../server/webhooks/webhook-queue.ts'

const now = 1_000_000
const iso = new Date(now).toISOString()

/** @param open an empty database, with all tables. */
export function deletedAccountContract(open: () => Promise<Database>) {
  test('W11.3 PN4.2 of who is deleted neither name nor words stay in calls, in what others are told, or in webhooks', async () => {
    const db = await open()
    const person = (username: string, name: string) =>
      insertUser(db, { username, name, email: `${username}@clinic.example`, emailVerified: true }, now)
    const [ann, ben] = [await person('annette', 'Annette Ames'), await person('benno', 'Benno Bell')]
    await db
      .insertInto('session')
      .values({
        ...{ id: 's', userId: ann, token: 't', expiresAt: iso, createdAt: iso, updatedAt: iso },
        ...{ ipAddress: null, userAgent: null },
      })
      .execute()
    for (const [userId, id] of [
      [ann, ben],
      [ben, ann],
    ] as const)
      await db
        .insertInto('contact')
        .values({ userId, id, otherId: id, relation: 'contact', since: 1 })
        .execute()
    const call = (
      id: string,
      row: { userId: string; callerId: string | null; from: string; reply?: string },
    ) =>
      db
        .insertInto('call')
        .values({
          ...{ id, owner: null, to: 'annette', placedBy: row.callerId ?? 'key', idempotencyKey: null },
          ...{ callerDevice: null, hidden: null, reply: null, answerKey: null, busyUntil: null, devices: 1 },
          ...{
            byDevice: 'd',
            appearance: null,
            room: id,
            seenAt: null,
            mailedAt: null,
            why: null,
            waitFor: 0,
          },
          ...{ state: 'declined', disposition: 'ringing', deadline: now, at: now, endedAt: now },
          ...row,
        })
        .execute()
    await call('hers', { userId: ben, callerId: ann, from: 'Annette Ames', reply: 'Benno: Annette, not now' })
    await call('declined', {
      userId: ann,
      callerId: ben,
      from: 'Benno Bell',
      reply: 'I am Annette, and away',
    })
    await call('program', { userId: ann, callerId: null, from: 'Portal' })
    const contact = (id: string, name: string, username: string): AccountChange => {
      const rest = { team: null, favourite: false, ringsThrough: false, since: 1 }
      return {
        kind: 'contact',
        contact: { id, relation: 'contact', name, username, ...rest } satisfies Contact,
      }
    }
    const expected = (gone: boolean): AccountChange => ({
      kind: 'expected',
      expected: { id: 'e', at: now, by: 'Annette Ames', contact: ann, gone } satisfies ExpectedCall,
    })
    const changes = [
      contact(ann, 'Annette Ames', 'annette'),
      contact('cat', 'Cat', 'cat'),
      expected(false),
      expected(true),
    ]
    await appendEvents(
      db,
      changes.map((change) => ({ userId: ben, change })),
      now,
    )
    await db
      .insertInto('apiKey')
      .values({
        ...{ id: 'key', name: 'Portal', hash: 'h', scope: 'call webhooks', provisioningDomain: null },
        ...{ emailDomains: null, mostPeople: null, createdAt: 1, usedAt: null },
      })
      .execute()
    await db
      .insertInto('webhook')
      .values({
        ...{ id: 'hook', apiKeyId: 'key', url: 'https://a.example', createdAt: 1, secret: '' },
        events: 'call.ended contact.changed',
      })
      .execute()
    const ended = (id: string, to: string) => {
      const over = { state: 'missed', disposition: 'ringing', devices: 0, deadline: now, room: null } as const
      return {
        type: 'call.ended' as const,
        data: { id, to, from: 'Portal', at: now, waitFor: 0, why: null, ...over },
      }
    }
    const people = ['annette@clinic.example', 'benno']
    await enqueueWebhooks(
      db,
      'key',
      [
        ended('program', 'annette'),
        // Another’s, who has had the name since.
        ended('another', 'annette'),
        { type: 'contact.changed', data: { people, team: 'North', linked: true } },
      ] as Parameters<typeof enqueueWebhooks>[2],
      now,
    )

    const webSession = { userId: ann, sessionId: 's', device: 'd', signedInAt: 0 }
    const actor = { webSession, now, from: { address: '192.0.2.1', label: '' } }
    expect(await deleteAccount(db, actor, undefined)).toBe(true)

    const calls = await db.selectFrom('call').select(['id', 'from', 'to', 'reply']).orderBy('id').execute()
    expect(calls).toEqual([
      { id: 'declined', from: 'Benno Bell', to: 'Deleted account', reply: null },
      { id: 'hers', from: 'Deleted account', to: 'annette', reply: null },
      { id: 'program', from: 'Portal', to: 'Deleted account', reply: null },
    ])
    const events = await eventsAfter(db, ben, 0, 100)
    expect(events === 'too-old' ? [] : events.map(({ change }) => change)).toEqual([
      { kind: 'contact-gone', id: ann },
      contact('cat', 'Cat', 'cat'),
      ...[false, true].map((gone) => ({
        kind: 'expected',
        expected: { id: 'e', at: now, by: 'Deleted account', contact: ann, gone },
      })),
    ])
    const bodies = await db.selectFrom('webhookDelivery').select('body').execute()
    const data = bodies.map(({ body }) => JSON.parse(body ?? '').data)
    expect(data).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: 'program', to: 'Deleted account', from: 'Portal' }),
        expect.objectContaining({ id: 'another', to: 'annette' }),
        { people: ['Deleted account', 'benno'], team: 'North', linked: true },
      ]),
    )
  })
}
