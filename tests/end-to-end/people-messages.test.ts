import { expect, test } from 'vitest'
import { longestMessage } from '../../protocol/people.ts'
import type { Database } from '../../server/database/tables.ts'
import { messageFor, sidesOf } from '../../server/messages/message-rows.ts'
import { appendEvents } from '../../server/people/account-events.ts'
import { newLoadKey } from '../bench/load/load-key.ts'
import { type LoadPerson, openLoadPerson } from '../bench/load/load-person.ts'
import { addSignedInPerson } from '../bench/load/signed-in-people.ts'
import type { Device } from '../support/device.ts'
import { openDevice } from '../support/open-device.ts'
import type { Page } from '../support/page.ts'
import { placedCallOn } from '../support/pages/placed-call.ts'
import { threadOn } from '../support/pages/thread.ts'
import { addPerson } from '../support/server/add-person.ts'
import { withDatabaseOf } from '../support/server/database-of.ts'
import { startServerBehindProxy } from '../support/server/start-server-behind-proxy.ts'
import { openSignedInDevice, signIn } from '../support/sign-in.ts'
import { befriend, openPeople, twoPeople } from '../support/two-people.ts'

declare const chrome: { readonly notifications: { getAll: () => Promise<object> } }

/** The notifications about people that stand on the screen of a device, seen from one of its pages. */
const notices = (page: Page): Promise<readonly string[]> =>
  page.evaluate(async () =>
    Object.keys(await chrome.notifications.getAll()).filter((id) => id.startsWith('people:')),
  )

/** A page of a site that a link leads to. */
const site = () => ({ contentType: 'text/html', body: Buffer.from('<title>Notes</title>') })

test('PM2.3 PM3.1 PU3.1 PU3.2 PU3.3 PU3.4 PX5.2 messages come in their order, in every script, are counted on each device of who was written to, and read on all once they are on one', async () => {
  const { server, ann, ben, annDevice, benDevice: desk } = await twoPeople()
  const laptop = await openSignedInDevice(server, ben)
  const anns = await openPeople(annDevice, ben)
  await anns.message(ben.name).click()
  const written = threadOn(anns.page)
  const texts = [
    'Hello Ben',
    'שלום, نلتقي الساعة 14:00',
    '👩🏽‍⚕️👍',
    'See https://notes.clinic.example/12?a=b, not javascript:alert(1) or file:///etc/passwd',
    `${'long '.repeat(799)}end!`,
    'Two\nlines',
  ]
  for (const text of texts) await written.send(text)
  await expect.poll(written.feet).not.toContain('Waiting to be sent')

  for (const device of [desk, laptop]) await expect.poll(() => device.toolbar.badge()).toBe('6')
  const bens = await openPeople(desk, ann)
  expect(await bens.row(ann.name).innerText()).toMatch(/\b6\s*unread/)
  const told = await laptop.open('manifest.json')
  await expect.poll(() => notices(told)).toHaveLength(1)
  await bens.message(ann.name).click()
  const read = threadOn(bens.page)
  await expect.poll(read.texts).toEqual(texts)
  for (const device of [desk, laptop]) await expect.poll(() => device.toolbar.badge()).toBe('')
  await expect.poll(() => notices(told)).toEqual([])
  const directions = await bens.page.evaluate(() =>
    [...document.querySelectorAll('.bubble')].map((bubble) => getComputedStyle(bubble).direction),
  )
  expect(directions).toEqual(['ltr', 'rtl', 'ltr', 'ltr', 'ltr', 'ltr'])

  await expect.poll(() => read.links.count()).toBe(1)
  await desk.interceptRequests('notes.clinic.example', site)
  const opened = desk.nextPageAt('https://notes.clinic.example/12?a=b')
  await read.links.click()
  const there = await opened
  expect(await there.evaluate(() => [opener === null, document.referrer])).toEqual([true, ''])
  await there.close()

  await written.field.fill('x'.repeat(longestMessage + 1))
  await anns.page.getByText('1 characters too many').waitFor()
  await written.field.fill('Half a sen')
  await anns.page.close()
  const again = await openPeople(annDevice, ben)
  await again.message(ben.name).click()
  await expect.poll(() => threadOn(again.page).field.inputValue()).toBe('Half a sen')
  await again.page.keyboard.press('Enter')
  await expect.poll(read.texts).toEqual([...texts, 'Half a sen'])
})

test('PM2.2 PL3.3 PU4.3 what somebody who is blocked writes and calls is kept apart, and nothing tells of it; to them all looks as ever', async () => {
  const { ann, ben, annDevice, benDevice } = await twoPeople()
  const anns = await openPeople(annDevice, ben)
  const bens = await openPeople(benDevice, ann)
  await bens.choose(ann.name, 'Block…', 'Block')
  await expect.poll(() => anns.shape(ben.name)).toMatch(/^(offline|unknown)$/)

  await anns.call(ben.name).click()
  const placed = placedCallOn((await annDevice.callWindow()).page)
  await expect.poll(placed.words).toMatch(/^Not reachable now; trying for \d+ s more$/)
  await placed.leaveMessage.click()
  const written = threadOn(placed.page)
  await written.send('Are you there?')
  await expect.poll(written.texts).toEqual(['Are you there?'])
  await expect.poll(written.feet).not.toContain('Waiting to be sent')
  await placed.page.close()

  await bens.page.getByRole('button', { name: 'Blocked (1)' }).click()
  await bens.page.getByRole('grid', { name: 'Blocked' }).getByText(ann.name).click()
  await expect.poll(threadOn(bens.page).texts).toEqual(['Are you there?'])
  await bens.page.getByText(/^You blocked/).waitFor()
  await threadOn(bens.page).back()
  await bens.page.getByRole('tab', { name: 'Calls' }).click()
  await bens.page.getByRole('button', { name: 'Blocked', exact: true }).click()
  await bens.page
    .getByRole('list', { name: 'Calls of blocked people' })
    .getByText(/did not ring/)
    .waitFor()
  expect(await benDevice.callWindowCount()).toBe(0)
  expect([await benDevice.toolbar.badge(), await notices(bens.page)]).toEqual(['', []])
})

/** Ann at a real browser behind a proxy, and Ben, her contact, at a device that only speaks. */
async function annAndSpokenBen(before: (db: Database, ids: Ids) => Promise<void> = async () => {}) {
  const { server, network } = await startServerBehindProxy()
  const ann = await addPerson(server)
  const key = await newLoadKey()
  const ben = await withDatabaseOf(server, async (db) => {
    const [person] = await addSignedInPerson(db, key)
    if (!person) throw new Error('nobody was added')
    await db.updateTable('user').set({ name: 'Ben Sample' }).where('username', '=', person.username).execute()
    return person
  })
  await befriend(server, [ann, ben])
  const ids = await withDatabaseOf(server, async (db) => {
    const rows = await db.selectFrom('user').select(['id', 'username']).execute()
    const idOf = (username: string) => rows.find((row) => row.username === username)?.id ?? ''
    return { ann: idOf(ann.username), ben: idOf(ben.username) }
  })
  await withDatabaseOf(server, (db) => before(db, ids))
  const device = await openDevice()
  await signIn(device, server, ann, { address: network.url })
  const spoken = await openLoadPerson(network.url, ben, { at: server.url })
  const setOffline = async (is: boolean) => {
    if (is) network.unplug()
    await device.setOffline(is)
    if (!is) network.restore()
  }
  return { server, network, device, ids, ben: spoken, setOffline }
}

interface Ids {
  readonly ann: string
  readonly ben: string
}

const benSample = { name: 'Ben Sample' }
const textsOf = ({ messages }: LoadPerson) => messages.map(({ text }) => text)
const isGreen = (device: Device) =>
  expect.poll(() => device.toolbar.light(), { timeout: 60_000 }).toContain('green')

test('PM8.1 PM8.6 PU3.4 PX2.1 PL1.3 what is written without a connection, and as the worker is killed, is there once and in its order; a decline and its answer are told to a caller who was away', async () => {
  const { network, device, ids, ben, setOffline } = await annAndSpokenBen()
  const people = await openPeople(device, benSample)
  await people.message('Ben Sample').click()
  const thread = threadOn(people.page)

  await setOffline(true)
  await expect.poll(() => device.toolbar.light()).toContain('off')
  await thread.send('Written offline')
  await expect.poll(() => thread.field.inputValue()).toBe('')
  expect(await people.alertText()).toBe('')
  await expect.poll(thread.feet).toContain('Waiting to be sent')
  await thread.send('And one more')
  await setOffline(false)
  await expect.poll(() => textsOf(ben), { timeout: 60_000 }).toEqual(['Written offline', 'And one more'])
  await expect.poll(thread.feet).not.toContain('Waiting to be sent')

  await isGreen(device)
  network.stall()
  await thread.send('As the worker dies')
  await expect.poll(() => thread.field.inputValue()).toBe('')
  await device.toolbar.killWorker()
  network.restore()
  await expect
    .poll(() => textsOf(ben), { timeout: 60_000 })
    .toEqual(['Written offline', 'And one more', 'As the worker dies'])
  await expect.poll(thread.texts).toEqual(['Written offline', 'And one more', 'As the worker dies'])

  await isGreen(device)
  await people.page.getByRole('button', { name: 'Call Ben Sample' }).click()
  const placed = placedCallOn((await device.callWindow()).page)
  await expect.poll(placed.words).toBe('Ringing on 1 device')
  const [call = ''] = ben.rings
  await setOffline(true)
  await expect.poll(placed.words).toBe('How the call stands is not known now')
  ben.send({ type: 'decline', call, reply: 'After my round' })
  await setOffline(false)
  await expect.poll(placed.words, { timeout: 60_000 }).toBe('Declined, with an answer:')
  expect(await placed.reply.textContent()).toBe('After my round')
  await expect.poll(async () => (await thread.texts()).at(-1)).toBe('After my round')

  const answer = await ben.ask({ what: 'send', contact: ids.ann, key: 'b1', text: 'Now I can' })
  expect(answer.type).toBe('done')
  await expect.poll(async () => (await thread.texts()).at(-1)).toBe('Now I can')
})

const day = 86_400_000

/** Messages of Ben to Ann, one a minute up to `until`, from number `first` on; with `told` as events, as the server writes them. */
async function writeMany(
  db: Database,
  { ann, ben }: Ids,
  { first, count, until, told }: { first: number; count: number; until: number; told: boolean },
): Promise<void> {
  const sides = sidesOf(ann, ben)
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('thread')
      .values({ ...sides, n: first + count - 1 })
      .onConflict((c) => c.column('id').doUpdateSet({ n: first + count - 1 }))
      .execute()
    for (let from = 0; from < count; from += 500) {
      const rows = Array.from({ length: Math.min(500, count - from) }, (_, place) => {
        const n = first + from + place
        const at = until - (first + count - n) * 60_000
        return { id: `m${n}`, thread: sides.id, n, from: ben, key: `k${n}`, text: `Message ${n}`, at }
      })
      await trx.insertInto('message').values(rows).execute()
      if (!told) continue
      const changes = rows.map((row) => ({
        userId: ann,
        change: { kind: 'message', message: messageFor(ann, row, sides) } as const,
      }))
      await appendEvents(trx, changes, until)
    }
    if (told) return
    const read = { until: count, unreadSince: null, mailedAt: null }
    await trx
      .insertInto('messageRead')
      .values({ userId: ann, thread: sides.id, ...read })
      .execute()
  })
}

test('PM9.1 PM9.2 PU3.2 PU3.5 after a week away a thread of 10,500 messages opens where its reader left off, and 500 are there in their order', async () => {
  const { server, device, ids, setOffline } = await annAndSpokenBen((db, people) =>
    writeMany(db, people, { first: 1, count: 10_000, until: Date.now() - 8 * day, told: false }),
  )
  await setOffline(true)
  await expect.poll(() => device.toolbar.light()).toContain('off')
  await withDatabaseOf(server, (db) =>
    writeMany(db, ids, { first: 10_001, count: 500, until: Date.now(), told: true }),
  )
  await setOffline(false)
  await expect.poll(() => device.toolbar.badge(), { timeout: 60_000 }).toBe('99⁺')
  await expect.poll(() => device.toolbar.tooltip()).toContain('500 unread messages')

  const people = await openPeople(device, benSample)
  await people.message('Ben Sample').waitFor()
  const thread = threadOn(people.page)
  const shown = await people.page.evaluate(async () => {
    const began = performance.now()
    document.querySelector<HTMLElement>('[aria-label="Message Ben Sample"]')?.click()
    while (document.querySelectorAll('.message').length === 0)
      await new Promise((resolve) => requestAnimationFrame(resolve))
    return performance.now() - began
  })
  console.log(`a thread of 10,500 messages was drawn ${shown.toFixed(0)} ms after it was opened`)
  expect(shown).toBeLessThan(5_000)
  // It opens where she left off, a week ago.
  const numbers = async () => (await thread.texts()).map((text) => Number(text.replace('Message ', '')))
  await people.page.getByText('New', { exact: true }).waitFor()
  await expect.poll(numbers).toContain(10_001)
  await expect.poll(() => device.toolbar.tooltip()).toContain('500 unread messages')
  const seen = new Set<number>()
  for (let last = 0; last < 10_500; ) {
    const drawn = await numbers()
    expect(drawn).toEqual(drawn.map((_, place) => (drawn[0] ?? 0) + place))
    for (const n of drawn) seen.add(n)
    last = drawn.at(-1) ?? 0
    await people.page.evaluate(async () => {
      const list = document.querySelector('.thread-scroll')
      list?.scrollBy(0, list.clientHeight / 2)
      // Nobody scrolls on before that is drawn.
      for (let frame = 0; frame < 2; frame += 1)
        await new Promise((resolve) => requestAnimationFrame(resolve))
    })
  }
  expect([...seen].filter((n) => n > 10_000)).toHaveLength(500)
  await people.page.evaluate(() => document.querySelector('.thread-scroll')?.scrollTo(0, 1e6))
  await expect.poll(() => device.toolbar.badge()).toBe('')
  await people.page.evaluate(() => document.querySelector('.thread-scroll')?.scrollTo(0, 0))
  await thread.earlier.click()
  await expect.poll(async () => (await numbers())[0]).toBeLessThanOrEqual(9_990)
})
