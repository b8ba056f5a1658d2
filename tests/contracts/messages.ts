import { pino } from 'pino'
import { expect, test } from 'vitest'
import { maxServerFrame } from '../../protocol/connection.ts'
import { insertUser } from '../../server/accounts/user-rows.ts'
import type { Database } from '../../server/database/tables.ts'
import { sendFromClinic } from '../../server/messages/clinic-messages.ts'
import { messageItems } from '../../server/messages/message-items.ts'
import { messageRequests } from '../../server/messages/message-requests.ts'
import {
  deleteForgottenMessages,
  deleteMessagesOf,
  deleteOldMessages,
} from '../../server/messages/message-retention.ts'
import { enqueueUnreadMails, unreadToTell } from '../../server/messages/unread-mails.ts'
import { writeMessage } from '../../server/messages/write-message.ts'
import { listApart } from '../../server/my-account/apart-people.ts'
import { eventsAfter } from '../../server/people/account-events.ts'
import { changeContacts } from '../../server/people/contact-changes.ts'
import { joinPeople } from '../../server/people/links.ts'
import { openPeople } from '../../server/people/people.ts'
import type { Handled } from '../../server/people/people-requests.ts'
import { testClock } from '../server/support/test-clock.ts'

const minute = 60_000
const day = 24 * 60 * minute

type Relation = 'contact' | 'blocked' | 'removed' | 'asked' | 'asks'

/** Several servers of one service, where people write to one another. */
async function service(open: () => Promise<readonly [Database, ...Database[]]>) {
  const servers = await open()
  const [db] = servers
  const clock = testClock()
  clock.standStill()
  const published: unknown[] = []
  const bus = { publish: (_: string, payload: unknown) => void published.push(payload) }
  const requests = servers.map((own) => messageRequests({ db: own, clock, bus }))
  const at = (n: number) => {
    const found = requests[n % requests.length]
    if (!found) throw new Error('there is no server')
    return found
  }
  const asker = (userId: string) => ({ userId, device: 'd', connection: 'c' })
  const relate = (userId: string, id: string, relation: Relation) =>
    db
      .insertInto('contact')
      .values({ userId, id, otherId: id, relation, since: 1 })
      .onConflict((c) => c.columns(['userId', 'id']).doUpdateSet({ relation }))
      .execute()

  return {
    ...{ db, servers, clock, published, relate },
    person: (name: string, language: string | null = null) =>
      insertUser(
        db,
        { username: name, name, email: `${name}@clinic.example`, emailVerified: true, language },
        clock.wall(),
      ),
    async link(a: string, b: string) {
      await relate(a, b, 'contact')
      await relate(b, a, 'contact')
    },
    send: (from: string, to: string, text: string, key: string = crypto.randomUUID(), server = 0) =>
      at(server).send(asker(from), { what: 'send', contact: to, key, text }),
    read: (userId: string, contact: string, until: number, server = 0) =>
      at(server).read(asker(userId), { what: 'read', contact, until }),
    history: (userId: string, contact: string, before: number | null = null) =>
      at(0).history(asker(userId), { what: 'history', contact, before }),
    async events(userId: string) {
      const found = await eventsAfter(db, userId, 0, 2_000)
      if (found === 'too-old') throw new Error('events are missing')
      expect(found.map(({ seq }) => seq)).toEqual(found.map((_, n) => n + 1))
      return found.map(({ change }) => change)
    },
    /** So long that nobody has sent too much. */
    async rest() {
      clock.advance(minute)
      await db.deleteFrom('bucket').execute()
    },
    clinic: (to: string, text: string, key: string) => sendFromClinic({ db, clock, bus }, { to, text, key }),
  }
}

const messageOf = (handled: Handled) => {
  if (handled.kind !== 'done' || handled.result.what !== 'sent') throw new Error(JSON.stringify(handled))
  return handled.result.message
}
const historyOf = (handled: Handled) => {
  if (handled.kind !== 'done' || handled.result.what !== 'history') throw new Error(JSON.stringify(handled))
  return handled.result
}

/**
 * What messages must do on every database.
 *
 * @param open gives a fresh one, as each of two servers has it.
 */
export function messageContract(open: () => Promise<readonly [Database, ...Database[]]>): void {
  test('PM1.1 PM1.2 however often and wherever one message is sent at once, it is one, and both sides hear of it once', async () => {
    const { person, link, send, events, db, published } = await service(open)
    const [ann, ben, cem] = [await person('ann'), await person('ben'), await person('cem')]
    await link(ann, ben)
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => send(ann, ben, 'Hello', 'key-1', n)),
    )
    const [first] = answers
    expect(first && messageOf(first)).toMatchObject({
      n: 1,
      from: 'me',
      text: 'Hello',
      key: 'key-1',
      contact: ben,
    })
    for (const answer of answers) expect(answer).toEqual(first)
    expect(await db.selectFrom('message').select(['from', 'key', 'n']).execute()).toEqual([
      { from: ann, key: 'key-1', n: 1 },
    ])
    const id = first && messageOf(first).id
    expect(await events(ann)).toMatchObject([
      { kind: 'message', message: { id, from: 'me', contact: ben, key: 'key-1' } },
    ])
    const [told, ...more] = await events(ben)
    expect(more).toEqual([])
    expect(told).toMatchObject({
      kind: 'message',
      message: { id, n: 1, from: 'them', contact: ann, text: 'Hello' },
    })
    expect(JSON.stringify(told)).not.toContain('key-1')
    expect(published).toContainEqual({ kind: 'events', until: 1 })
    // With other words, or for somebody else, it would be another message: nobody is told that it was sent.
    await link(ann, cem)
    for (const [contact, text] of [
      [ben, 'Goodbye'],
      [cem, 'Hello'],
    ] as const)
      expect(await send(ann, contact, text, 'key-1')).toMatchObject({ kind: 'refused', why: 'bad-request' })
    expect(await events(ben)).toHaveLength(1)
    // Another's key is another message.
    expect(messageOf(await send(ben, ann, 'Hello', 'key-1'))).toMatchObject({ n: 2 })
  })

  test('PM1.3 a thread in which both write at once over both servers has no gap, and both have it in one order', async () => {
    const { person, link, send, events } = await service(open)
    const [ann, ben, cem] = [await person('ann'), await person('ben'), await person('cem')]
    await link(ann, ben)
    await link(ann, cem)
    const many = 8
    const sent = await Promise.all(
      Array.from({ length: many }, (_, n) =>
        Promise.all([
          send(ann, ben, `a${n}`, `k${n}`, n),
          send(ben, ann, `b${n}`, `k${n}`, n + 1),
          send(cem, ann, `c${n}`, `k${n}`, n),
        ]),
      ),
    )
    const answered = sent.flat().map(messageOf)
    const withBen = (await events(ann)).flatMap((change) =>
      change.kind === 'message' && change.message.contact === ben ? [change.message] : [],
    )
    expect(withBen.map(({ n }) => n)).toEqual(Array.from({ length: 2 * many }, (_, n) => n + 1))
    const atBen = (await events(ben)).flatMap((change) => (change.kind === 'message' ? [change.message] : []))
    expect(atBen.map(({ id, n, text }) => ({ id, n, text }))).toEqual(
      withBen.map(({ id, n, text }) => ({ id, n, text })),
    )
    expect(new Set(answered.map(({ id }) => id)).size).toBe(3 * many)
  }, 60_000)

  test('PM2.1 PM2.2 only contacts are written to; who is blocked is answered as ever, and nobody is mailed about it', async () => {
    const { person, link, relate, send, events, db, clock } = await service(open)
    const [ann, ben, eve] = [await person('ann'), await person('ben'), await person('eve')]
    const refusal = { kind: 'refused', why: 'no-such-contact' }
    expect(await send(ann, eve, 'Hello')).toMatchObject(refusal)
    expect(await send(ann, 'nobody', 'Hello')).toMatchObject(refusal)
    expect(await send(ann, 'clinic', 'Hello')).toMatchObject(refusal)
    for (const [mine, theirs] of [
      ['asked', 'asks'],
      ['asks', 'asked'],
      ['removed', null],
      ['blocked', 'contact'],
    ] as const) {
      await db.deleteFrom('contact').execute()
      await relate(ann, ben, mine)
      if (theirs) await relate(ben, ann, theirs)
      expect(await send(ann, ben, 'Hello')).toMatchObject(refusal)
    }
    // The other side of one who removed me has no row for me, and mine has gone with it.
    await db.deleteFrom('contact').execute()
    await relate(ben, ann, 'removed')
    expect(await send(ann, ben, 'Hello')).toMatchObject(refusal)
    expect(await events(ben)).toEqual([])
    await link(ann, ben)
    await relate(ben, ann, 'blocked')
    const answer = messageOf(await send(ann, ben, 'Please', 'k'))
    expect(answer).toMatchObject({ n: 1, from: 'me' })
    expect(await events(ben)).toMatchObject([{ kind: 'message', message: { text: 'Please', contact: ann } }])
    clock.advance(day / 2)
    expect(await enqueueUnreadMails(db, clock.wall(), 10 * minute)).toBe(0)
    // Between contacts it looks the same.
    await relate(ben, ann, 'contact')
    const other = messageOf(await send(ann, ben, 'Thanks', 'k2'))
    expect(Object.keys(other)).toEqual(Object.keys(answer))
  })

  test('PM2.3 whole texts come through: 4,000 characters, emoji, right-to-left, line breaks; what is no text does not', async () => {
    const { person, link, send, events, history } = await service(open)
    const [ann, ben] = [await person('ann'), await person('ben')]
    await link(ann, ben)
    const family = '👩‍👩‍👧‍👦'
    const texts = [
      family.repeat(Math.floor(4_000 / family.length)),
      'x'.repeat(4_000),
      'مرحبا، كيف حالك؟ שלום \u2067abc\u2069',
      'a\nb\tc  d',
      `"quoted" \\ back 'single' <b>&amp;</b> $1 %s :name`,
    ]
    for (const text of texts) await send(ann, ben, text)
    await send(ann, ben, 'half \ud83d and nul \0 end')
    const expected = [...texts, 'half \ufffd and nul \ufffd end']
    const at = (changes: Awaited<ReturnType<typeof events>>) =>
      changes.flatMap((change) => (change.kind === 'message' ? [change.message.text] : []))
    expect(at(await events(ben))).toEqual(expected)
    expect(at(await events(ann))).toEqual(expected)
    expect(historyOf(await history(ben, ann)).messages.map(({ text }) => text)).toEqual(expected.toReversed())
  })

  test('PM2.4 sixty messages go at once, and then one a second; what was sent already is answered all the same', async () => {
    const { person, link, send, servers, db } = await service(open)
    const ann = await person('ann')
    const all: string[] = []
    for (const name of ['ben', 'cem', 'dan', 'eve']) all.push(await person(name))
    for (const other of all) await link(ann, other)
    const answers = []
    for (let n = 0; n < 75; n += 1)
      answers.push(
        await send(ann, all[n % all.length] ?? '', 'x', `k${n}`, servers[0] === servers[1] ? 0 : n),
      )
    const taken = answers.filter(({ kind }) => kind === 'done').length
    // Servers of one service count by the database's clock, in which time passes meanwhile.
    expect(taken).toBeGreaterThanOrEqual(60)
    expect(taken).toBeLessThan(75)
    expect(answers.find(({ kind }) => kind === 'refused')).toMatchObject({
      why: 'too-many-attempts',
      retryAfter: 1,
    })
    expect(await send(ann, all[0] ?? '', 'x', 'k0')).toEqual(answers[0])
    expect(await db.selectFrom('message').select('id').execute()).toHaveLength(taken)
    expect((await send(all[0] ?? '', ann, 'x')).kind).toBe('done')
  })

  test('PM2.4 twenty go to one contact at once, and then one in two seconds, alike where they have blocked the sender', async () => {
    const { person, link, relate, send, servers } = await service(open)
    const [ann, ben, cem] = [await person('ann'), await person('ben'), await person('cem')]
    await link(ann, ben)
    await link(ann, cem)
    await relate(cem, ann, 'blocked')
    const shown: unknown[] = []
    for (const other of [ben, cem]) {
      const answers = []
      for (let n = 0; n < 24; n += 1)
        answers.push(await send(ann, other, 'x', `${other}${n}`, servers[0] === servers[1] ? 0 : n))
      const taken = answers.filter(({ kind }) => kind === 'done').length
      expect(taken).toBeGreaterThanOrEqual(20)
      expect(taken).toBeLessThan(24)
      const refusal = answers.find(({ kind }) => kind === 'refused')
      expect(refusal).toMatchObject({ why: 'too-many-attempts', retryAfter: expect.any(Number) })
      shown.push(servers[0] === servers[1] ? [taken, refusal] : refusal?.kind)
    }
    expect(shown[1]).toEqual(shown[0])
  })

  test('W14.2 what one who is blocked writes takes no place of what another wrote', async () => {
    const { person, link, relate, send, db, clock } = await service(open)
    const [ann, ben, cem] = [await person('ann'), await person('ben'), await person('cem')]
    await link(ann, ben)
    await link(ann, cem)
    await send(ben, ann, 'before')
    clock.advance(1)
    await relate(ann, ben, 'blocked')
    await relate(ann, cem, 'blocked')
    await db.updateTable('contact').set({ since: clock.wall() }).where('userId', '=', ann).execute()
    await send(ben, ann, 'please')
    clock.advance(1)
    const { row } = await writeMessage(db, { from: cem, to: ann, key: 'k0', text: '0' }, clock.wall())
    await db
      .insertInto('message')
      .values(
        Array.from({ length: 600 }, (_, n) => ({
          ...row,
          id: `m${n}`,
          n: n + 2,
          key: `f${n}`,
          text: `${n}`,
        })),
      )
      .execute()
    const { blocked } = await listApart(db, ann)
    const texts = new Map(blocked.map(({ name, kept }) => [name, kept.map(({ text }) => text)]))
    expect(texts.get('ben')).toEqual(['please'])
    expect(texts.get('cem')).toHaveLength(20)
  })

  test('PM3.1 PM3.2 a read mark goes to one’s own devices, and to the other side only where both want it', async () => {
    const { person, link, relate, send, read, events, db } = await service(open)
    const [ann, ben] = [await person('ann'), await person('ben')]
    await link(ann, ben)
    for (const text of ['1', '2', '3']) await send(ann, ben, text)
    const marks = async (userId: string) =>
      (await events(userId)).flatMap((change) => (change.kind === 'read' ? [change.read] : []))
    const wants = (who: string, tellsRead: 0 | 1) =>
      db.updateTable('user').set({ tellsRead }).where('id', '=', who).execute()
    await read(ben, ann, 1)
    await read(ben, ann, 1)
    expect(await marks(ben)).toEqual([{ contact: ann, until: 1 }])
    await wants(ben, 1)
    await read(ben, ann, 2)
    expect(await marks(ann)).toEqual([])
    await wants(ann, 1)
    // Earlier than it was, it changes nothing; further than there is anything, it is what there is.
    await read(ben, ann, 1)
    await read(ben, ann, 99)
    expect(await marks(ben)).toEqual([1, 2, 3].map((until) => ({ contact: ann, until })))
    expect(await marks(ann)).toEqual([{ contact: ben, until: 0, theirs: 3 }])
    await relate(ben, ann, 'blocked')
    await send(ann, ben, '4')
    await read(ben, ann, 4)
    expect(await marks(ann)).toHaveLength(1)
    expect(await marks(ben)).toHaveLength(4)
  })

  test('PM3.2 of who has blocked me the mark stays as it was, told anew too, and a mark to them is written as any other', async () => {
    const { person, link, relate, send, read, events, db, clock, published } = await service(open)
    const [ann, ben, cem] = [await person('ann'), await person('ben'), await person('cem')]
    await link(ann, ben)
    await link(ann, cem)
    await db.updateTable('user').set({ tellsRead: 1 }).execute()
    const marks = async (userId: string) =>
      (await db.transaction().execute((trx) => messageItems(trx, userId))).flatMap((item) =>
        item.kind === 'read' ? [item.read] : [],
      )
    for (const text of ['1', '2', '3']) await send(ann, ben, text)
    await send(ben, ann, '4')
    await read(ben, ann, 2)
    const before = await marks(ann)
    expect(before).toEqual([{ contact: ben, until: 0, theirs: 2 }])
    const people = openPeople({ db, clock, log: pino({ level: 'silent' }), bus: { publish: () => {} } })
    await people.manage(ben, ann, 'block')
    expect(await marks(ann)).toEqual(before)
    await read(ben, ann, 4)
    expect(await marks(ann)).toEqual(before)
    // Ben's devices hear what they know, as often as another contact's would.
    const known = await events(ben)
    published.length = 0
    await read(ann, ben, 4)
    expect(published).toHaveLength(2)
    expect((await events(ben)).slice(known.length)).toEqual([
      { kind: 'read', read: { contact: ann, until: 4 } },
    ])
    expect(await marks(ann)).toEqual([{ contact: ben, until: 4, theirs: 2 }])
    await people.manage(ben, ann, 'unblock')
    expect(await marks(ann)).toEqual([{ contact: ben, until: 4, theirs: 4 }])
    // Who has read nothing by then has read nothing for good.
    await relate(cem, ann, 'blocked')
    await send(ann, cem, '1')
    await read(cem, ann, 1)
    expect(await marks(ann)).toContainEqual({ contact: cem, until: 0, theirs: 0 })
  })

  test('PM3.5 who was removed and is a contact again is told with how far each of the two had read, and nothing of others', async () => {
    const { person, link, send, read, events, db, clock } = await service(open)
    const [ann, ben, cem] = [await person('ann'), await person('ben'), await person('cem')]
    await link(ann, ben)
    await link(ann, cem)
    for (const text of ['1', '2', '3']) await send(ann, ben, text)
    await send(ben, ann, '4')
    await read(ben, ann, 2)
    await read(ann, ben, 4)
    await send(cem, ann, '1')
    await read(ann, cem, 1)
    const people = openPeople({ db, clock, log: pino({ level: 'silent' }), bus: { publish: () => {} } })
    await people.handlers['change-contact'](
      { userId: ben, device: 'd', connection: 'c' },
      { what: 'change-contact', contact: ann, change: 'remove' },
    )
    expect((await events(ann)).at(-1)).toEqual({ kind: 'contact-gone', id: ben })
    const before = { ann: (await events(ann)).length, ben: (await events(ben)).length }
    const now = clock.wall()
    await changeContacts(db, now, (trx, changes) => joinPeople(trx, changes, ann, ben, now))
    const told = async (userId: string, from: number) =>
      (await events(userId)).slice(from).flatMap((change): readonly unknown[] => {
        if (change.kind === 'read') return [change.read]
        return change.kind === 'contact' ? [[change.contact.id, change.contact.relation]] : []
      })
    expect(await told(ann, before.ann)).toEqual([[ben, 'contact'], { contact: ben, until: 4 }])
    expect(await told(ben, before.ben)).toEqual([[ann, 'contact'], { contact: ann, until: 2 }])
  })

  test('PM3.3 two devices that read at once over both servers leave the furthest mark, told in its order', async () => {
    const { person, link, send, read, events } = await service(open)
    const [ann, ben] = [await person('ann'), await person('ben')]
    await link(ann, ben)
    for (let n = 1; n <= 20; n += 1) await send(ann, ben, String(n))
    await Promise.all(Array.from({ length: 20 }, (_, n) => read(ben, ann, 20 - n, n)))
    const marks = (await events(ben)).flatMap((change) => (change.kind === 'read' ? [change.read.until] : []))
    expect(marks.at(-1)).toBe(20)
    expect(marks).toEqual(marks.toSorted((a, b) => a - b))
  })

  test('PM4.1 what was is told a hundred at a time, or fewer where they are long, newest first, to its two sides alone', async () => {
    const { person, link, send, history, db, clock } = await service(open)
    const [ann, ben, eve] = [await person('ann'), await person('ben'), await person('eve')]
    await link(ann, ben)
    messageOf(await send(ann, ben, 'first'))
    const thread = (await db.selectFrom('thread').select('id').executeTakeFirstOrThrow()).id
    const fill = (from: number, until: number, text: string) =>
      db
        .insertInto('message')
        .values(
          Array.from({ length: until - from + 1 }, (_, place) => {
            const n = from + place
            return { id: `m${n}`, thread, n, from: ann, key: `f${n}`, text, at: clock.wall() }
          }),
        )
        .execute()
    await fill(2, 260, 'short')
    await fill(261, 330, 'x'.repeat(4_000))
    const told: number[] = []
    let frames = 0
    for (let before: number | null = null; ; ) {
      const { messages, more } = historyOf(await history(ben, ann, before))
      expect(messages.length).toBeLessThanOrEqual(100)
      expect(JSON.stringify(messages).length).toBeLessThan(maxServerFrame * 0.9)
      told.push(...messages.map(({ n }) => n))
      frames += 1
      before = messages.at(-1)?.n ?? null
      if (!more) break
    }
    expect(told).toEqual(Array.from({ length: 330 }, (_, n) => 330 - n))
    expect(frames).toBe(4)
    expect(historyOf(await history(eve, ann))).toEqual({ what: 'history', messages: [], more: false })
  })

  test('PM4.2 who has too old an idea is told of each thread its newest, all that is unread, and how far it was read', async () => {
    const { person, link, send, read, rest, db, clinic } = await service(open)
    const [ann, ben, cem, dan] = [
      await person('ann'),
      await person('ben'),
      await person('cem'),
      await person('dan'),
    ]
    await link(ann, ben)
    await link(ann, cem)
    await link(ann, dan)
    for (let n = 1; n <= 45; n += 1) {
      if (n % 20 === 0) await rest()
      if (n <= 40) await send(ben, ann, `b${n}`)
      await send(cem, ann, `c${n}`)
    }
    await send(dan, ann, 'd1')
    await read(ann, ben, 38)
    await clinic(ann, 'From the clinic', 'key')
    // Of whom there is no row there is no thread to show.
    await db.deleteFrom('contact').where('userId', '=', ann).where('id', '=', dan).execute()
    const items = await db.transaction().execute((trx) => messageItems(trx, ann))
    const numbers = (contact: string) =>
      items.flatMap((item) =>
        item.kind === 'message' && item.message.contact === contact ? [item.message.n] : [],
      )
    expect(numbers(ben)).toEqual(Array.from({ length: 20 }, (_, n) => n + 21))
    expect(numbers(cem)).toEqual(Array.from({ length: 45 }, (_, n) => n + 1))
    expect(numbers(dan)).toEqual([])
    expect(numbers('clinic')).toEqual([1])
    expect(items.filter(({ kind }) => kind === 'read')).toEqual([
      { kind: 'read', read: { contact: ben, until: 38 } },
    ])
    // Whoever has very many threads is told of each the newest alone, or what is unread.
    const many = Array.from({ length: 200 }, (_, n) => `someone-${n}`)
    await db
      .insertInto('user')
      .values(
        many.map((id) => ({
          ...{ id, name: id, email: `${id}@clinic.example`, emailVerified: 1, image: null, language: null },
          ...{ createdAt: '2027', updatedAt: '2027', username: id, displayUsername: id, disabledAt: null },
        })),
      )
      .execute()
    await db
      .insertInto('contact')
      .values(many.map((id) => ({ userId: ann, id, otherId: id, relation: 'contact' as const, since: 1 })))
      .execute()
    const pairs = many.map((id) => {
      const [a = '', b = ''] = [ann, id].sort()
      return { id: `${a} ${b}`, a, b, n: 2, of: id }
    })
    await db
      .insertInto('thread')
      .values(pairs.map(({ of: _, ...thread }) => thread))
      .execute()
    await db
      .insertInto('message')
      .values(
        pairs.flatMap(({ id: thread, of }) =>
          [1, 2].map((n) => ({ id: `${of}-${n}`, thread, n, from: of, key: `k${n}`, text: 'x', at: 1 })),
        ),
      )
      .execute()
    await db
      .insertInto('messageRead')
      .values(
        pairs.map(({ id }) => ({ userId: ann, thread: id, until: 2, unreadSince: null, mailedAt: null })),
      )
      .execute()
    const manyItems = await messageItems(db, ann)
    const numbersOfMany = (contact: string) =>
      manyItems.flatMap((item) =>
        item.kind === 'message' && item.message.contact === contact ? [item.message.n] : [],
      )
    expect(many.map(numbersOfMany)).toEqual(many.map(() => [2]))
    expect([numbersOfMany(ben), numbersOfMany(cem).length]).toEqual([[39, 40], 45])
    await db.deleteFrom('contact').where('userId', '=', ann).where('id', 'in', many).execute()
    await db.updateTable('user').set({ tellsRead: 1 }).execute()
    await read(ben, ann, 7)
    await db.updateTable('user').set({ tellsRead: 0 }).where('id', '=', cem).execute()
    const both = await messageItems(db, ann)
    expect(both.filter(({ kind }) => kind === 'read')).toEqual([
      { kind: 'read', read: { contact: ben, until: 38, theirs: 7 } },
    ])
  })

  test('PM4.2 what is told anew has two million characters at most, of each thread its newest without a gap', async () => {
    const { person, link, send, db, clock } = await service(open)
    const ann = await person('ann')
    const others: string[] = []
    for (let n = 0; n < 6; n += 1) {
      const other = await person(`other-${n}`)
      await link(ann, other)
      await send(other, ann, '1')
      others.push(other)
    }
    await db.updateTable('thread').set({ n: 100 }).execute()
    const threads = await db.selectFrom('thread').select(['id', 'a', 'b']).execute()
    for (const { id: thread, a, b } of threads)
      for (let from = 2; from <= 100; from += 33)
        await db
          .insertInto('message')
          .values(
            Array.from({ length: 33 }, (_, place) => {
              const n = from + place
              const sender = a === ann ? b : (a ?? '')
              return {
                ...{ id: `${thread} ${n}`, thread, n, from: sender, key: `f${n}`, text: 'x'.repeat(4_000) },
                // The clock was set back on the way.
                at: clock.wall() - n,
              }
            }),
          )
          .execute()
    const told = (await db.transaction().execute((trx) => messageItems(trx, ann))).flatMap((item) =>
      item.kind === 'message' ? [item.message] : [],
    )
    const characters = told.reduce((sum, { text }) => sum + text.length, 0)
    expect(characters).toBeLessThanOrEqual(2_000_000)
    expect(characters).toBeGreaterThan(1_990_000)
    for (const other of others) {
      const numbers = told.filter(({ contact }) => contact === other).map(({ n }) => n)
      expect(numbers.length).toBeGreaterThanOrEqual(83)
      expect(numbers).toEqual(numbers.map((_, n) => 101 - numbers.length + n))
    }
  })

  test('PM5.1 the clinic’s system writes to a person in a thread of its own, once for each key, and nobody answers there', async () => {
    const { person, clinic, events, read, send } = await service(open)
    const ann = await person('ann')
    const first = await clinic(ann, 'Dr Bell will call at 14:00.', 'program-1 note-7')
    expect(first).toMatchObject({ isKnown: false })
    expect(await clinic(ann, 'Dr Bell will call at 14:00.', 'program-1 note-7')).toEqual({
      ...first,
      isKnown: true,
    })
    await clinic(ann, 'Or at 15:00.', 'program-1 note-8')
    await read(ann, 'clinic', 2)
    const { id } = first
    expect(await events(ann)).toMatchObject([
      { kind: 'message', message: { id, contact: 'clinic', n: 1, from: 'clinic' } },
      { kind: 'message', message: { contact: 'clinic', n: 2, from: 'clinic' } },
      { kind: 'read', read: { contact: 'clinic', until: 2 } },
    ])
    expect((await send(ann, 'clinic', 'Yes')).kind).toBe('refused')
  })

  test('PM6.1 PM6.2 what stays unread for ten minutes is one mail, and no other comes before it was read', async () => {
    const { person, link, send, read, db, clock, clinic } = await service(open)
    const [ann, ben, cem] = [await person('ann'), await person('ben'), await person('cem', 'de')]
    await link(ann, ben)
    await link(cem, ben)
    const wait = 10 * minute
    const due = () => enqueueUnreadMails(db, clock.wall(), wait)
    const mails = () =>
      db.selectFrom('mail').select(['userId', 'madeAt', 'kind', 'language']).orderBy('madeAt').execute()
    for (const text of ['1', '2', '3']) await send(ann, ben, text)
    clock.advance(1)
    await send(cem, ben, '4')
    clock.advance(1)
    await clinic(ben, '5', 'k')
    clock.advance(wait - 3)
    expect(await due()).toBe(0)
    clock.advance(1)
    // Two servers look at once.
    expect((await Promise.all([due(), due()])).toSorted()).toEqual([0, 1])
    const [mail] = await mails()
    expect(mail).toMatchObject({ userId: ben, kind: 'unread' })
    const madeAt = mail?.madeAt ?? 0
    expect(await unreadToTell(db, ben, madeAt)).toEqual([{ messages: 3 }, { messages: 1 }, { messages: 1 }])
    await db.updateTable('user').set({ mailNames: 1 }).execute()
    expect(await unreadToTell(db, ben, madeAt)).toEqual([
      { messages: 3, from: 'ann' },
      { messages: 1, from: 'cem' },
      { messages: 1 },
    ])
    await db
      .updateTable('contact')
      .set({ relation: 'blocked' })
      .where('userId', '=', ben)
      .where('id', '=', cem)
      .execute()
    await read(ben, ann, 2)
    expect(await unreadToTell(db, ben, madeAt)).toEqual([{ messages: 1, from: 'ann' }, { messages: 1 }])
    await send(ann, ben, 'again')
    clock.advance(2 * wait)
    expect(await due()).toBe(0)
    await read(ben, ann, 4)
    await read(ben, 'clinic', 1)
    expect(await unreadToTell(db, ben, madeAt)).toEqual([])
    await send(ann, ben, 'and again')
    clock.advance(wait)
    expect(await due()).toBe(1)
    await read(ben, ann, 5)
    // Who wants none gets none, and who came back after two days either.
    await db.updateTable('user').set({ mailUnread: 0 }).where('id', '=', ben).execute()
    await send(ann, ben, 'no')
    clock.advance(wait)
    expect(await due()).toBe(0)
    await db.updateTable('user').set({ mailUnread: 1 }).execute()
    await read(ben, ann, 6)
    await send(ann, ben, 'late')
    clock.advance(2 * day)
    expect(await due()).toBe(0)
    expect(await mails()).toHaveLength(2)
  })

  test('PM7.1 old messages go and their thread counts on; with an account all that it wrote and was written goes', async () => {
    const { person, link, send, db, clock, history, events } = await service(open)
    const [ann, ben, cem] = [await person('ann'), await person('ben'), await person('cem')]
    await link(ann, ben)
    await link(ann, cem)
    for (const text of ['1', '2']) await send(ann, ben, text)
    clock.advance(40 * day)
    await send(ben, ann, '3')
    await deleteOldMessages(db, clock.wall(), 30 * day)
    expect(historyOf(await history(ann, ben)).messages.map(({ n }) => n)).toEqual([3])
    expect(messageOf(await send(ann, ben, '4')).n).toBe(4)
    await send(ann, cem, 'stays')
    const before = await events(ann)
    await deleteMessagesOf(db, ben, clock.wall())
    const after = await events(ann)
    expect(after).toHaveLength(before.length)
    // Nobody has them from then on; they are deleted a batch at a time, so that a heavy account holds nobody up.
    expect((await messageItems(db, ann)).filter(({ kind }) => kind === 'message')).toMatchObject([
      { message: { text: 'stays' } },
    ])
    const [{ id: thread = '' } = {}] = await db
      .selectFrom('thread')
      .select('id')
      .where('deletedAt', 'is not', null)
      .execute()
    await db
      .insertInto('message')
      .values(
        Array.from({ length: 600 }, (_, n) => ({
          ...{
            id: `heavy-${n}`,
            thread,
            n: 100 + n,
            from: ben,
            key: `heavy-${n}`,
            text: 'many',
            at: clock.wall(),
          },
        })),
      )
      .execute()
    expect(historyOf(await history(ann, ben)).messages).toEqual([])
    const batches = []
    for (let n = 0; n < 3; n += 1) batches.push(await deleteForgottenMessages(db))
    expect(batches).toEqual([true, true, false])
    expect(await db.selectFrom('thread').select('id').where('deletedAt', 'is not', null).execute()).toEqual(
      [],
    )
    const told = after.flatMap((change) => (change.kind === 'message' ? [change.message.text] : []))
    expect(told).toEqual(['stays'])
    const left = await db.selectFrom('message').select('text').execute()
    expect(left).toEqual([{ text: 'stays' }])
    expect(await db.selectFrom('messageRead').select('userId').execute()).toEqual([{ userId: cem }])
  })
}
