import { pino } from 'pino'
import { expect, test } from 'vitest'
import { type AccountChange, mostContacts } from '../../protocol/people.ts'
import { anonymizeUser, changeUser, insertUser } from '../../server/accounts/user-rows.ts'
import type { Database } from '../../server/database/tables.ts'
import {
  appendEvents,
  deleteOldEvents,
  eventsAfter,
  lastEvents,
  mostKept,
  otherLastEvents,
} from '../../server/people/account-events.ts'
import { peopleSnapshot, readSnapshot } from '../../server/people/account-snapshot.ts'
import { inAccountTurns } from '../../server/people/account-turns.ts'
import { changeContacts } from '../../server/people/contact-changes.ts'
import { joinPeople, linkPeople, overfull, strayLinks, unlinkPeople } from '../../server/people/links.ts'
import { openPeople } from '../../server/people/people.ts'
import { readRelations, relationOf } from '../../server/people/relation.ts'
import { readStatuses } from '../../server/people/status-rows.ts'
import { putTeam } from '../../server/people/teams.ts'
import { testClock } from '../server/support/test-clock.ts'

const day = 86_400_000
const gone = (id: string): AccountChange => ({ kind: 'contact-gone', id })

/** Several servers of one service, and people whose devices are at any of them. */
async function service(open: () => Promise<readonly [Database, ...Database[]]>) {
  const servers = await open()
  const [db] = servers
  const clock = testClock()
  const parts = servers.map((own) =>
    openPeople({ db: own, clock, log: pino({ level: 'silent' }), bus: { publish: () => {} } }),
  )
  const at = (n: number) => {
    const found = parts[n % parts.length]
    if (!found) throw new Error('there is no server')
    return found
  }
  const asker = (userId: string) => ({ userId, device: 'd', connection: 'c' })
  return {
    ...{ db, servers, clock },
    person: (name: string) =>
      insertUser(db, { username: name, name, email: `${name}@clinic.example`, emailVerified: true }, 1),
    ask: (userId: string, login: string, server = 0) =>
      at(server).handlers['ask-contact'](asker(userId), { what: 'ask-contact', login }),
    answer: (userId: string, contact: string, answer: 'accept' | 'decline' | 'block', server = 0) =>
      at(server).handlers['answer-contact'](asker(userId), { what: 'answer-contact', contact, answer }),
    change: (
      userId: string,
      contact: string,
      change: 'remove' | 'block' | 'unblock' | 'favourite' | 'withdraw',
      server = 0,
    ) => at(server).handlers['change-contact'](asker(userId), { what: 'change-contact', contact, change }),
    choose: (userId: string, status: 'away' | 'available' | 'invisible', server = 0) =>
      at(server).handlers['set-status'](asker(userId), { what: 'set-status', status, until: null }),
    /** By all servers at once, until nothing is left. */
    async settle() {
      for (let n = 0; n < 3; n += 1) {
        clock.advance(2_000)
        await Promise.all(parts.map(({ worker }) => worker.tick()))
      }
    },
    /** Replays every event there ever was, and compares it with what a reset would tell. */
    async expectReplayed(userId: string) {
      const found = await eventsAfter(db, userId, 0, 2_000)
      const contacts = new Map<string, unknown>()
      let revision = 0
      for (const { change } of found === 'too-old' ? [] : found) {
        if (change.kind === 'contact') contacts.set(change.contact.id, change.contact)
        if (change.kind === 'contact-gone') contacts.delete(change.id)
        if (change.kind === 'status') revision = change.status.revision
      }
      const { items, until } = await readSnapshot(db, [peopleSnapshot], userId, clock.wall())
      const anew = items.flatMap((item) => (item.kind === 'contact' ? [item.contact] : []))
      const byId = (all: Iterable<{ readonly id: string }>) => [...all].sort((a, b) => (a.id < b.id ? -1 : 1))
      expect(byId(contacts.values() as Iterable<{ id: string }>)).toEqual(byId(anew))
      expect(items[0]).toMatchObject({ kind: 'status', status: { revision } })
      expect(found).toHaveLength(until)
      return contacts.size
    },
  }
}

/** What every database must do about people. @param open as `databaseContract` has it. */
export function peopleContract(open: () => Promise<readonly [Database, ...Database[]]>): void {
  test('PE1.1 the events of an account have no gap, however many servers write at once, and what is undone none', async () => {
    const { servers, db, person } = await service(open)
    const [ann, ben] = [await person('ann'), await person('ben')]
    const written = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        inAccountTurns(servers[n % servers.length] ?? db, [ann, ben], async (trx) => {
          const appended = await appendEvents(
            trx,
            (n % 2 === 0 ? [ann, ben, ann] : [ben, ann]).map((userId) => ({
              userId,
              change: gone(`${n}`),
            })),
            1,
          )
          if (n % 5 === 0) throw new Error('on purpose')
          return appended
        }).catch(() => undefined),
      ),
    )
    expect(written.filter(Boolean)).toHaveLength(32)
    // Of 20 that wrote two of hers four were undone, and of 20 that wrote one.
    expect(await lastEvents(db, [ann, ben, 'nobody'])).toEqual(
      new Map([
        [ann, 48],
        [ben, 32],
        ['nobody', 0],
      ]),
    )
    const known = new Map([
      [ann, 48],
      [ben, 31],
      ['nobody', 0],
    ])
    expect(await otherLastEvents(db, known)).toEqual(new Map([[ben, 32]]))
    const unknown = new Map([ann, ben, 'nobody'].map((userId) => [userId, null]))
    expect(await otherLastEvents(db, unknown)).toEqual(await lastEvents(db, [ann, ben, 'nobody']))
    expect(await otherLastEvents(db, new Map())).toEqual(new Map())
    const found = await eventsAfter(db, ann, 0, 200)
    expect(found === 'too-old' || found.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 48 }, (_, n) => n + 1),
    )
    expect(await eventsAfter(db, ann, 48, 10)).toEqual([])
    expect(await eventsAfter(db, ann, 49, 10)).toBe('too-old')
    expect(await eventsAfter(db, ann, 45, 2)).toMatchObject([{ seq: 46 }, { seq: 47 }])
  })

  test('PE1.6 PE1.4 of each account the newest 2,000 events are kept, for 30 days', async () => {
    const { db, person } = await service(open)
    const [ann, ben] = [await person('ann'), await person('ben')]
    const append = (userId: string, many: number, at: number) =>
      db.transaction().execute((trx) =>
        appendEvents(
          trx,
          Array.from({ length: many }, (_, n) => ({ userId, change: gone(`${n}`) })),
          at,
        ),
      )
    for (let n = 0; n < 5; n += 1) await append(ann, 500, 1_000)
    await append(ben, 3, 1_000)
    await append(ben, 2, 1_000 + day)
    expect(await eventsAfter(db, ann, 2_500 - mostKept - 1, 5)).toBe('too-old')
    expect(await eventsAfter(db, ann, 2_500 - mostKept, 1)).toMatchObject([{ seq: 2_501 - mostKept }])
    while (await deleteOldEvents(db, 1_001 + 30 * day));
    expect(await eventsAfter(db, ben, 2, 5)).toBe('too-old')
    expect(await eventsAfter(db, ben, 3, 5)).toMatchObject([{ seq: 4 }, { seq: 5 }])
    expect(await eventsAfter(db, ann, 2_500, 5)).toEqual([])
    expect(await eventsAfter(db, ann, 2_499, 5)).toBe('too-old')
  })

  test('PS1.1 of statuses that are chosen at once each has its revision, and all are told', async () => {
    const { db, person, choose, clock, expectReplayed } = await service(open)
    const ann = await person('ann')
    const statuses = ['away', 'available', 'invisible'] as const
    const handled = await Promise.all(
      Array.from({ length: 24 }, (_, n) => choose(ann, statuses[n % 3] ?? 'away', n)),
    )
    expect(new Set(handled.map(({ kind }) => kind))).toEqual(new Set(['done']))
    await expectReplayed(ann)
    const status = (await readStatuses(db, [ann, 'nobody'], clock.wall())).get(ann)
    expect(status?.revision).toBe((await lastEvents(db, [ann])).get(ann))
    expect(status?.revision).toBeGreaterThan(2)
  })

  test('PC1.2 PC1.5 PC1.6 PE1.7 who are asked, accepted, blocked and removed by all at once fit each other, on any server', async () => {
    const { db, person, ask, answer, change, settle, expectReplayed } = await service(open)
    const names = ['ann', 'ben', 'cleo', 'dan', 'eve']
    const ids: string[] = []
    for (const name of names) ids.push(await person(name))
    const pairs = ids.flatMap((userId, by) =>
      ids.flatMap((otherId, of) => (by === of ? [] : [{ userId, otherId, by, of }])),
    )
    const outcomes = new Set<string>()
    const note = (all: readonly { readonly kind: string; readonly why?: string }[]) => {
      for (const handled of all) outcomes.add(handled.why ?? handled.kind)
    }
    for (let round = 0; round < 3; round += 1) {
      note(await Promise.all(pairs.map(({ userId, by, of }) => ask(userId, names[of] ?? '', by))))
      // While it is told, and before.
      const [, ...answers] = await Promise.all([
        settle(),
        ...pairs.map(({ userId, otherId, by, of }) =>
          (by + of) % 3 === 0
            ? answer(userId, otherId, 'decline', of)
            : (by + of) % 3 === 1
              ? answer(userId, otherId, 'accept', of)
              : change(userId, otherId, 'block', by),
        ),
      ])
      note(answers)
      note(
        await Promise.all(
          pairs.flatMap(({ userId, otherId, by, of }) => [
            change(userId, otherId, by < of ? 'remove' : 'unblock', of),
            change(userId, otherId, 'favourite', by),
          ]),
        ),
      )
    }
    await settle()
    expect(outcomes.has('unavailable')).toBe(false)
    for (const [n, one] of ids.entries())
      for (const other of ids.slice(n + 1)) {
        const both = [await relationOf(db, one, other), await relationOf(db, other, one)]
        const isContact = both.map(({ kind }) => kind === 'contact')
        expect(isContact[0], JSON.stringify(both)).toBe(isContact[1])
      }
    for (const userId of ids) await expectReplayed(userId)
  })

  test('PC1.2 PC1.9 two who ask each other at once, on different servers, are contacts, and none is asked beyond the limit', async () => {
    const { db, person, ask, settle, servers } = await service(open)
    const pairs: [string, string][] = []
    for (let n = 0; n < 6; n += 1) pairs.push([await person(`a${n}`), await person(`b${n}`)])
    await Promise.all(pairs.flatMap(([a, b], n) => [ask(a, `b${n}`, 0), ask(b, `a${n}`, 1)]))
    await settle()
    for (const [a, b] of pairs) {
      expect((await readRelations(db, a)).map(({ kind, other }) => [kind, other])).toEqual([['contact', b]])
      expect((await relationOf(db, b, a)).kind).toBe('contact')
    }
    const eager = await person('eager')
    const asked = await Promise.all(
      Array.from({ length: 60 }, (_, n) => ask(eager, `nobody${n}`, n % servers.length)),
    )
    expect(asked.filter(({ kind }) => kind === 'done')).toHaveLength(50)
    const same = await person('same')
    await Promise.all(Array.from({ length: 12 }, (_, n) => ask(same, 'eager', n % servers.length)))
    expect(await db.selectFrom('contact').select('id').where('userId', '=', same).execute()).toHaveLength(1)
  })

  test('PC1.8 a new name is told, and of who is deleted nothing stays', async () => {
    const { db, person, ask, answer, settle, expectReplayed } = await service(open)
    const [ann, ben, cleo] = [await person('ann'), await person('ben'), await person('cleo')]
    await ask(ann, 'ben')
    await ask(cleo, 'ann')
    await settle()
    await answer(ben, ann, 'accept')
    await changeUser(db, ben, { name: 'Ben Nevis' }, 2)
    await settle()
    expect((await readRelations(db, ann)).map(({ name }) => name)).toEqual(['Ben Nevis'])
    expect(await expectReplayed(ann)).toBe(2)
    await db.transaction().execute((trx) => anonymizeUser(trx, ann, 3))
    expect((await relationOf(db, ben, ann)).kind).toBe('gone')
    await settle()
    // Whom she was asked by sees the request as it was.
    expect(await db.selectFrom('contact').select(['userId', 'otherId', 'relation']).execute()).toEqual([
      { userId: cleo, otherId: null, relation: 'asked' },
    ])
    expect([await expectReplayed(ben), await expectReplayed(cleo)]).toEqual([0, 1])
    expect(await db.selectFrom('personChange').selectAll().execute()).toEqual([])
  })

  test('PT1.1 PT1.2 PT1.4 whatever teams come to be at once, whoever settles them, who is in one with somebody is their contact and nobody else', async () => {
    const { db, clock, person, settle, expectReplayed } = await service(open)
    const people: string[] = []
    for (let n = 0; n < 6; n += 1) people.push(await person(`p${n}`))
    const [p0 = '', p1 = '', p2 = '', p3 = '', p4 = '', p5 = ''] = people
    const put = (id: string, name: string, ...members: readonly string[]) =>
      db.transaction().execute((trx) => putTeam(trx, { id, name, members }))
    await changeContacts(db, clock.wall(), (trx, changes) => joinPeople(trx, changes, p0, p5, clock.wall()))
    await changeContacts(db, clock.wall(), (trx, changes) => linkPeople(trx, changes, p0, p4, 'A link', 1))
    const teamsOf = async () => {
      const rows = await db.selectFrom('contact').selectAll().execute()
      return rows
        .map(({ userId, id, team }) => `${people.indexOf(userId)}${people.indexOf(id)} ${team ?? '-'}`)
        .sort()
    }
    const both = (one: number, other: number, team: string) => [
      `${one}${other} ${team}`,
      `${other}${one} ${team}`,
    ]
    await put('a', 'Ward 3', p0, p1, p2)
    await settle()
    await Promise.all([put('b', 'Night', p1, p2, p3), put('c', 'All', p0, p4, p5)])
    await settle()
    expect(await teamsOf()).toEqual(
      [
        ...[...both(0, 1, 'Ward 3'), ...both(0, 2, 'Ward 3'), ...both(1, 2, 'Ward 3')],
        ...[...both(1, 3, 'Night'), ...both(2, 3, 'Night')],
        ...[...both(0, 4, 'A link'), ...both(0, 5, '-'), ...both(4, 5, 'All')],
      ].sort(),
    )
    await Promise.all([put('a', 'Ward 3', p0), put('b', 'Nights', p1, p2, p3), put('c', 'All')])
    await settle()
    expect(await teamsOf()).toEqual(
      [
        ...[...both(1, 2, 'Nights'), ...both(1, 3, 'Nights'), ...both(2, 3, 'Nights')],
        ...[...both(0, 4, 'A link'), ...both(0, 5, '-')],
      ].sort(),
    )
    // Who is in a team and comes back before it was settled never left.
    await put('b', 'Nights', p1)
    await put('b', 'Nights', p1, p2, p3)
    await settle()
    await changeContacts(db, clock.wall(), (trx, changes) => unlinkPeople(trx, changes, p4, p0, 'A link'))
    expect(await teamsOf()).toEqual(
      [
        ...[...both(1, 2, 'Nights'), ...both(1, 3, 'Nights'), ...both(2, 3, 'Nights')],
        ...both(0, 5, '-'),
      ].sort(),
    )
    for (const [n, one] of people.entries()) expect(await expectReplayed(one)).toBe([1, 2, 2, 2, 0, 1][n])
    expect(await db.selectFrom('teamMember').select('userId').where('toSettle', '=', 1).execute()).toEqual([])
    expect((await db.selectFrom('team').select('id').orderBy('id').execute()).map(({ id }) => id)).toEqual([
      'a',
      'b',
    ])
  })

  test('PP2.4 PP2.5 links of a clinic’s key of whom one has gone are found, and who has more contacts than one may', async () => {
    const { db, clock, person } = await service(open)
    const [ann, ben, cem] = [await person('ann'), await person('ben'), await person('cem')]
    const owned = (userId: string, provisioningDomain: string) =>
      db.insertInto('scimOwner').values({ userId, provisioningDomain }).execute()
    await owned(ann, 'north')
    await owned(ben, 'north')
    await owned(cem, 'south')
    const link = (one: string, other: string, domain: string | null) =>
      changeContacts(db, clock.wall(), (trx, changes) =>
        linkPeople(trx, changes, one, other, 'A link', 1, domain),
      )
    expect((await link(ann, ben, 'north')).result).toBe(true)
    expect((await link(ben, ann, 'north')).result).toBe(false)
    await link(ann, cem, null)
    expect(await strayLinks(db, 10)).toEqual([])
    await db.deleteFrom('scimOwner').where('userId', '=', ann).execute()
    const [one, other] = [ann, ben].toSorted()
    expect(await strayLinks(db, 10)).toEqual([{ one, other, team: 'A link', provisioningDomain: 'north' }])
    const fill = async (until: number) => {
      const { many } = await db
        .selectFrom('contact')
        .select((e) => e.fn.countAll<number>().as('many'))
        .where('userId', '=', ann)
        .executeTakeFirstOrThrow()
      const ids = Array.from({ length: until - Number(many) }, (_, n) => `u${Number(many) + n}`)
      for (let from = 0; from < ids.length; from += 500)
        await db
          .insertInto('contact')
          .values(
            ids.slice(from, from + 500).map((id) => ({
              ...{
                userId: ann,
                id,
                otherId: null,
                relation: 'asked' as const,
                typed: id,
                login: id,
                since: 1,
              },
            })),
          )
          .execute()
    }
    await fill(mostContacts)
    expect(await overfull(db, [ann, ben, cem])).toBeUndefined()
    await fill(mostContacts + 1)
    expect(await overfull(db, [ben, cem])).toBeUndefined()
    expect(await overfull(db, [ann, ben, cem])).toBe('ann')
  })
}
