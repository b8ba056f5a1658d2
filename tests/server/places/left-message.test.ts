import { type QueryResult, type RootOperationNode, sql, type UnknownRow } from 'kysely'
import { expect, test } from 'vitest'
import { longestMessage } from '../../../protocol/people.ts'
import type { Database } from '../../../server/database/tables.ts'
import { languages } from '../../../server/locales/language.ts'
import { deliverLeft } from '../../../server/places/left-message.ts'
import { agreeToPlace } from '../../../server/places/own-places.ts'
import { changePlace, deletePlace, findPlace, removeMember } from '../../../server/places/place-rows.ts'
import { createVisitorLimits } from '../../../server/places/visitor-limits.ts'
import { getPage, sendForm, textOf } from '../support/html-pages.ts'
import { type InProcessServer, openTestDatabase, startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, settle } from '../support/people.ts'
import { addPlace } from './place-on-server.ts'

const secret = 'a secret of at least 32 characters'
const env = { TRUST_PROXY: 'on', MISSED_MAIL_AFTER: '0', AUTH_SECRET: secret }

async function place() {
  const server = await startInProcessServer({ env })
  const members = await settle(server, ann, ben)
  await addPlace(server, { members })
  return { server, members }
}

/** As the form of the page has it. */
async function formKey(server: InProcessServer): Promise<string> {
  const text = await (await getPage(server, '/reach/desk')).text()
  return /name="key" value="([^"]+)"/.exec(text)?.[1] ?? ''
}

const typed = { name: 'Maria', wayBack: 'maria@home.example', text: 'Is my result there?\nPlease call.' }

const leave = (server: InProcessServer, fields: Record<string, string>, from = '203.0.113.7') =>
  sendForm(server, '/reach/desk/message', fields, { 'x-forwarded-for': from })

const messages = async (server: InProcessServer) =>
  (await server.db()).selectFrom('message').selectAll().orderBy('thread').execute()

test('PV4.1 PV4.2 what a visitor leaves is with every member, once, marked as a visitor’s, each in their language', async () => {
  const { server, members } = await place()
  const db = await server.db()
  await db
    .updateTable('user')
    .set({ language: 'de' })
    .where('id', '=', members[1] ?? '')
    .execute()
  const key = await formKey(server)
  const answer = await leave(server, { ...typed, key })
  expect([answer.status, answer.headers.get('location')]).toEqual([
    303,
    expect.stringMatching(/^\/reach\/desk\/delivered\?message=\S+&language=en$/),
  ])
  expect(await textOf(await getPage(server, answer.headers.get('location') ?? ''))).toContain(
    'Your message is with all who belong to Front desk.',
  )
  // The browser sent it again.
  await leave(server, { ...typed, key })
  const all = await messages(server)
  expect(all.map(({ thread, from }) => [thread, from]).toSorted()).toEqual(
    members.map((id) => [`clinic ${id}`, 'clinic']).toSorted(),
  )
  const ofAnn = all.find(({ thread }) => thread.endsWith(members[0] ?? 'none'))?.text ?? ''
  expect(ofAnn.split('\n')).toEqual([
    'A visitor of “Front desk” left a message. Nobody has checked who they are.',
    'Name: Maria',
    'Answer to: maria@home.example',
    '',
    '> Is my result there?',
    '> Please call.',
  ])
  expect(all.find(({ thread }) => thread.endsWith(members[1] ?? 'none'))?.text).toContain(
    'Niemand hat geprüft',
  )
  const unread = await db
    .selectFrom('messageRead')
    .select('userId')
    .where('unreadSince', 'is not', null)
    .execute()
  expect(unread.map(({ userId }) => userId).toSorted()).toEqual(members.toSorted())
})

test('PV4.1 PV5.3 what a visitor leaves is with those who are members as it is written, or with nobody, and that is told', async () => {
  const { server } = await place()
  const db = await server.db()
  const left = await findPlace(db, 'desk')
  if (!left) throw new Error('there is one')
  const from = { placeId: left.id, address: 'a network' }
  const aside = await openTestDatabase(server.dataDir)
  let n = 0
  /** What becomes of a message where something is done once its members have been read, and nothing is written yet. */
  const deliverAfter = (work: (trx: Database) => Promise<unknown>) => {
    n += 1
    const early = {
      begun: false,
      transformQuery: ({ node }: { readonly node: RootOperationNode }) => node,
      transformResult: async ({ result }: { readonly result: QueryResult<UnknownRow> }) => {
        if (!early.begun) {
          early.begun = true
          await work(aside)
        }
        return result
      },
    }
    const core = { db: db.withPlugin(early), clock: server.clock, bus: { publish: () => {} } }
    return deliverLeft(core, from, { ...typed, key: `${n}`.repeat(16) })
  }
  expect(await deliverAfter(async () => {})).toEqual({ kind: 'delivered', members: 2 })
  const block = { ...from, name: 'Maria', by: null, at: 1 }
  const blocked = await deliverAfter((trx) => trx.insertInto('placeBlock').values(block).execute())
  expect(blocked).toEqual({ kind: 'blocked' })
  await db.deleteFrom('placeBlock').execute()
  const shut = await deliverAfter((trx) => changePlace(trx, left.id, { shutAt: 1, name: 'Other' }))
  expect(shut).toEqual({ kind: 'shut' })
  await changePlace(db, left.id, { shutAt: null })
  const [one, other] = await db.selectFrom('placeMember').select('userId').execute()
  if (!one || !other) throw new Error('there are two')
  await agreeToPlace(db, other.userId, left.id, 1)
  const fewer = await deliverAfter((trx) => removeMember(trx, left.id, one.userId))
  expect(fewer).toEqual({ kind: 'delivered', members: 1 })
  const all = await messages(server)
  expect(all).toHaveLength(3)
  // By the name that the place has then.
  expect(all.filter(({ text }) => text.includes('“Other”'))).toMatchObject([
    { thread: `clinic ${other.userId}` },
  ])
  expect(await deliverAfter((trx) => removeMember(trx, left.id, other.userId))).toEqual({ kind: 'shut' })
  expect(await deliverAfter((trx) => deletePlace(trx, left.id))).toEqual({ kind: 'gone' })
  expect(await messages(server)).toHaveLength(3)
})

test('PV4.1 what is sent by one form is delivered each time that something of it was changed, and once as it was', async () => {
  const { server, members } = await place()
  const key = await formKey(server)
  // By the way back from “Delivered” the form is there again, as it was filled in.
  const changed = [
    typed,
    { ...typed, text: 'One thing more.' },
    { ...typed, wayBack: '040 1234567' },
    { ...typed, name: 'Mario' },
  ]
  for (const [n, fields] of changed.entries())
    for (const from of [`203.0.113.${n}`, `198.51.100.${n}`])
      expect((await leave(server, { ...fields, key }, from)).status).toBe(303)
  expect(await messages(server)).toHaveLength(changed.length * members.length)
})

test('PV4.3 W2.9 what is missing or too long is told beside its field, and nothing typed is lost', async () => {
  const { server } = await place()
  const wrong = await leave(server, { name: '', wayBack: '', text: 'x'.repeat(2_001), key: 'k'.repeat(20) })
  expect(wrong.status).toBe(422)
  const page = await wrong.text()
  expect(page).toContain('Enter your name, with at most 50 characters.')
  expect(page).toContain('Say how you can be answered')
  expect(page).toContain('x'.repeat(2_001))
  expect(page).toContain('name="key" value="kkkkkkkkkkkkkkkkkkkk"')
  expect(await messages(server)).toEqual([])
  const odd = await leave(server, { ...typed, name: 'A\u202eb', key: 'k'.repeat(20) })
  expect(odd.status).toBe(422)
})

test('PV4.1 that a message was delivered is told to whoever left it, and to nobody who only opens the address', async () => {
  const { server } = await place()
  const key = await formKey(server)
  const answer = await leave(server, { ...typed, key })
  const told = answer.headers.get('location') ?? ''
  const forged = told.replace(/message=[^.]+/, 'message=another-key-of-a-form')
  for (const path of ['/reach/desk/delivered', '/reach/desk/delivered?message=x.y', forged]) {
    const page = await getPage(server, path)
    expect([page.status, page.headers.get('location')], path).toEqual([303, '/reach/desk'])
  }
  await addPlace(server, { slug: 'other', members: [] })
  const elsewhere = await getPage(server, told.replace('desk', 'other'))
  expect(elsewhere.headers.get('location')).toBe('/reach/other')
})

test('PV4.1 PV4.3 the longest message that may be left arrives whole, in each language, and a longer one is refused', async () => {
  const { server, members } = await place()
  const db = await server.db()
  const wide = (length: number) => '\u{1F600}'.repeat(length)
  await db
    .updateTable('place')
    .set({ name: wide(40) })
    .execute()
  // A browser counts one character for each end of a line, and sends two.
  const text = `${'\r\n'.repeat(499)}${'x'.repeat(1_501)}`
  const longest = { name: wide(50), wayBack: wide(200), text: `y${text.slice(0, -1)}` }
  for (const [n, language] of languages.entries()) {
    await db.deleteFrom('message').execute()
    await db
      .updateTable('user')
      .set({ language })
      .where('id', '=', members[0] ?? '')
      .execute()
    const from = `203.0.113.${n}`
    const answer = await leave(server, { ...longest, key: `${language}-longest-message` }, from)
    expect(answer.status, language).toBe(303)
    for (const { text: kept } of await messages(server)) {
      expect(kept.length).toBeLessThanOrEqual(longestMessage)
      expect(kept.endsWith(`\n> ${'x'.repeat(1_500)}`)).toBe(true)
    }
  }
  for (const wrong of [`z${longest.text}`, `1${'\r\n2'.repeat(500)}`]) {
    const answer = await leave(server, { ...longest, text: wrong, key: 'k'.repeat(20) }, '203.0.113.99')
    expect(answer.status).toBe(422)
    expect(await textOf(answer)).toContain('at most 2000 characters, in at most 500 lines')
  }
})

test('PV4.2 no line of a visitor looks like the clinic’s own, whatever ends it', async () => {
  const { server } = await place()
  const text = 'one\r\ntwo\rthree\u2028\u0085Name: Dr Bell'
  await leave(server, { ...typed, text, key: await formKey(server) })
  const [message] = await messages(server)
  expect(message?.text.split('\n').slice(4)).toEqual(['> one', '> two', '> three', '> ', '> Name: Dr Bell'])
})

test('PV5.1 PV5.5 from one address come three messages, and no page shows what an address says', async () => {
  const { server } = await place()
  server.clock.standStill()
  const send = async (from: string) =>
    (await leave(server, { ...typed, key: await formKey(server) }, from)).status
  const from = '203.0.113.9'
  expect([await send(from), await send(from), await send(from), await send(from)]).toEqual([
    303, 303, 303, 429,
  ])
  expect(await send('203.0.113.10')).toBe(303)
  const hostile = '/reach/desk?name=%3Cb%3EMallory&language=en&to=https://evil.example&text=Mallory'
  expect(await (await getPage(server, hostile)).text()).not.toMatch(/Mallory|evil/)
  const led = await getPage(server, '/reach/desk/message?next=https://evil.example')
  expect(led.headers.get('location')).toBe('/reach/desk')
})

/** The form is there again, as it was sent. */
function expectTypedAgain(page: string, key: string): void {
  expect(page).toContain('action="/reach/desk/message"')
  expect(page).toContain(`name="key" value="${key}"`)
  for (const value of [typed.name, typed.wayBack]) expect(page).toContain(`value="${value}"`)
  expect(page).toContain(`>\n${typed.text}</textarea`)
}

test('PV4.1 PV4.3 where it is not known what became of a message the form is there again as it was sent, and delivers it once', async () => {
  const { server, members } = await place()
  server.clock.standStill()
  const db = await server.db()
  const key = await formKey(server)
  await sql`create trigger "full" before insert on "message" begin select raise(abort, 'full'); end`.execute(
    db,
  )
  // More often than an address may leave messages: none of these was one.
  for (let n = 0; n < 5; n += 1) {
    const answer = await leave(server, { ...typed, key })
    expect(answer.status).toBe(500)
    const page = await answer.text()
    expect(page).toContain('Whether your message was delivered is not known.')
    expectTypedAgain(page, key)
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  }
  await sql`drop trigger "full"`.execute(db)
  for (let n = 0; n < 2; n += 1) expect((await leave(server, { ...typed, key })).status).toBe(303)
  expect(await messages(server)).toHaveLength(members.length)
  // Nor is anything known where the place cannot be read.
  await sql`alter table "placeMember" rename to "gone"`.execute(db)
  const answer = await leave(server, { ...typed, key })
  expect(answer.status).toBe(500)
  expectTypedAgain(await answer.text(), key)
})

test('PV5.1 whoever sends the form too often, whatever is in it, is told how long to wait, in a page', async () => {
  const { server } = await place()
  server.clock.standStill()
  const key = await formKey(server)
  const statuses = []
  for (let n = 0; n < 201; n += 1) statuses.push((await leave(server, { ...typed, name: '', key })).status)
  expect(statuses).toEqual([...Array(200).fill(422), 429])
  const refused = await leave(server, { ...typed, key })
  expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, 1])
  const page = await refused.text()
  expect(page).toContain('so nothing was done this time.')
  expectTypedAgain(page, key)
  expect((await leave(server, { ...typed, key }, '203.0.113.8')).status).toBe(303)
  const nowhere = await sendForm(server, '/reach/nowhere/message', { ...typed, key })
  expect(nowhere.status).toBe(404)
})

test('PV5.1 a place is left twenty messages at once from wherever, and each after that is told how long to wait', async () => {
  const { server, members } = await place()
  server.clock.standStill()
  const key = await formKey(server)
  const statuses = []
  for (let n = 0; n < 20; n += 1) {
    // As many as ask for no work.
    if (n % 12 === 11) server.clock.advance(12_000)
    statuses.push((await leave(server, { ...typed, text: `${n}`, key }, `198.51.100.${n}`)).status)
  }
  expect(statuses).toEqual(Array(20).fill(303))
  const refused = await leave(server, { ...typed, key }, '203.0.113.7')
  expect(refused.status).toBe(429)
  // One in a minute runs out, of which twelve seconds have passed.
  expect(Math.abs(Number(refused.headers.get('retry-after')) - 48)).toBeLessThanOrEqual(1)
  expect(await refused.text()).toContain(typed.text)
  expect(await messages(server)).toHaveLength(20 * members.length)
  // Whoever was refused has used up nothing.
  server.clock.advance(60_000)
  expect((await leave(server, { ...typed, key }, '203.0.113.7')).status).toBe(303)
})

test('PV4.1 PV4.3 what was delivered is told as that where its form is sent again once the place takes none, and nothing else is', async () => {
  const { server, members } = await place()
  const db = await server.db()
  const left = await findPlace(db, 'desk')
  if (!left) throw new Error('there is one')
  const key = await formKey(server)
  const first = await leave(server, { ...typed, key })
  const core = { db, clock: server.clock, bus: { publish: () => {} } }
  const from = { placeId: left.id, address: 'a network' }
  /** What is told of it now, by the form and, where the place shuts as it is written, by what writes it. */
  const again = async (message: typeof typed) => {
    const { status, headers } = await leave(server, { ...message, key })
    const written = await deliverLeft(core, from, { ...message, key })
    return [status, headers.get('location'), written]
  }
  const delivered = [303, first.headers.get('location'), { kind: 'delivered', members: members.length }]
  await changePlace(db, left.id, { shutAt: 1 })
  expect(await again(typed)).toEqual(delivered)
  expect(await again({ ...typed, text: 'Another.' })).toEqual([403, null, { kind: 'shut' }])
  await changePlace(db, left.id, { shutAt: null })
  const { address } = createVisitorLimits({ db, clock: server.clock, secret }).networksOf('203.0.113.7')
  for (const blocked of [address, from.address]) {
    const block = { placeId: left.id, address: blocked, name: 'Maria', by: null, at: 1 }
    await db.insertInto('placeBlock').values(block).execute()
  }
  expect(await again(typed)).toEqual(delivered)
  expect(await again({ ...typed, text: 'Another.' })).toEqual([403, null, { kind: 'blocked' }])
  expect(await messages(server)).toHaveLength(members.length)
})

test('W1.1 PV4.1 a form of another site leaves nothing, nor does one for a place that is shut', async () => {
  const { server } = await place()
  const strange = await sendForm(
    server,
    '/reach/desk/message',
    { ...typed, key: 'k'.repeat(20) },
    {
      'sec-fetch-site': 'cross-site',
      origin: 'https://evil.example',
    },
  )
  expect(strange.status).toBe(403)
  await (await server.db()).updateTable('place').set({ shutAt: 1 }).execute()
  const shut = await leave(server, { ...typed, key: 'k'.repeat(20) })
  expect([shut.status, await textOf(shut)]).toEqual([403, expect.stringContaining('takes no messages now')])
  expect(await messages(server)).toEqual([])
})
