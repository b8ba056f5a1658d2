import { expect, test } from 'vitest'
import { languages } from '../../../server/locales/language.ts'
import { peopleDevice } from '../people/people-device.ts'
import { textOf } from '../support/html-pages.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, sessionOf, settle } from '../support/people.ts'
import { openAccount } from './at-account.ts'

const cleo = { username: 'cleo', email: 'cleo@clinic.example', name: 'Cleo <b>', password: '' }

/** Ann at her pages, with Ben and Cleo for contacts; a device of hers, and one of Ben's. */
async function annWithContacts() {
  const server = await startInProcessServer()
  const [annId = '', benId = '', cleoId = ''] = await settle(server, ann, ben, cleo)
  const db = await server.db()
  const pairs = [
    [annId, benId],
    [benId, annId],
    [annId, cleoId],
    [cleoId, annId],
  ] as const
  await db
    .insertInto('contact')
    .values(
      pairs.map(([userId = '', id = '']) => ({
        userId,
        id,
        otherId: id,
        relation: 'contact' as const,
        since: 1,
      })),
    )
    .execute()
  const token = await sessionOf(server, ann, 'device-1')
  const desk = await peopleDevice(server, ann, 'device-1', { token })
  const bens = await peopleDevice(server, ben, 'ben-desk')
  for (const device of [desk, bens]) {
    await device.lease()
    device.sync(null)
  }
  await desk.has({ 'Ben Baker': 'contact', 'Cleo <b>': 'contact' })
  const pages = await openAccount(server, token)
  const change = (person: string, what: string) =>
    pages.sendForm('/account/contact', { person, change: what })
  const page = async () => textOf(await pages.getPage())
  return { server, db, annId, benId, cleoId, desk, bens, pages, change, page }
}

test('W14.1 who was removed is asked again, blocked and forgotten there, and devices hear of it at once', async () => {
  const { annId, benId, cleoId, desk, bens, change, page, pages } = await annWithContacts()
  expect(await page()).not.toContain('Removed and blocked people')
  for (const contact of [benId, cleoId])
    await desk.request({ what: 'change-contact', contact, change: 'remove' })
  await bens.has({})
  const html = await (await pages.getPage()).text()
  expect(html).toContain('Cleo &lt;b&gt;')
  expect(html).toContain('aria-label="Ask again: Ben Baker"')

  const asked = await change(benId, 'ask')
  expect([asked.status, asked.headers.get('location')]).toEqual([303, '/account'])
  const told = performance.now()
  await bens.has({ 'Ann Able': 'asks' })
  expect(performance.now() - told).toBeLessThan(2_000)
  await desk.has({ 'Ben Baker': 'removed', 'Cleo <b>': 'removed', 'Ben.B-1': 'asked' })
  const after = await page()
  expect(after).toContain('They are asked again.')
  expect(after).toContain('You have asked them again, and heard nothing yet. Block Forget')
  await bens.request({ what: 'answer-contact', contact: annId, answer: 'accept' })
  await desk.has({ 'Ben Baker': 'contact', 'Cleo <b>': 'removed' })

  await change(cleoId, 'block')
  await desk.has({ 'Ben Baker': 'contact', 'Cleo <b>': 'blocked' })
  expect(await page()).toContain('They are blocked.')
  await change(cleoId, 'unblock')
  await desk.has({ 'Ben Baker': 'contact', 'Cleo <b>': 'removed' })
  await change(cleoId, 'forget')
  await desk.has({ 'Ben Baker': 'contact' })
  expect(await page()).not.toContain('Removed and blocked people')
})

test('W14.1 that an address which was asked is somebody’s who was removed is not told; who has no username is asked by their name', async () => {
  const { db, annId, benId, cleoId, desk, change, page } = await annWithContacts()
  await db
    .updateTable('user')
    .set({ username: null, displayUsername: null })
    .where('id', '=', cleoId)
    .execute()
  for (const contact of [benId, cleoId])
    await desk.request({ what: 'change-contact', contact, change: 'remove' })
  for (const login of [ben.email, cleo.email]) await desk.request({ what: 'ask-contact', login })
  const asked = 'You have asked them again'
  expect(await page()).not.toContain(asked)
  await change(cleoId, 'ask')
  await expect
    .poll(() =>
      db
        .selectFrom('contact')
        .select('typed')
        .where('userId', '=', annId)
        .where('otherId', '=', cleoId)
        .where('relation', '=', 'asked')
        .orderBy('typed')
        .execute(),
    )
    .toEqual([{ typed: 'Cleo <b>' }, { typed: cleo.email }])
  expect((await page()).split(asked)).toHaveLength(2)
  // Her list has both, whoever has that address.
  await expect
    .poll(() => desk.account.contacts().filter(({ relation }) => relation === 'asked'))
    .toHaveLength(3)
})

test('W14.2 calls and messages of who is blocked are kept there with them, as text', async () => {
  const { annId, benId, desk, bens, change, page, pages } = await annWithContacts()
  await desk.request({ what: 'change-contact', contact: benId, change: 'block' })
  await desk.has({ 'Ben Baker': 'blocked', 'Cleo <b>': 'contact' })
  const text = '<script>alert(1)</script> please call'
  expect((await bens.request({ what: 'send', contact: annId, key: 'm1', text })).type).toBe('done')
  expect((await bens.request({ what: 'place-call', contact: annId, key: 'c1' })).type).toBe('done')
  expect((await bens.request({ what: 'cancel-call', call: 'c1' })).type).toBe('done')
  const told = await page()
  expect(told).toMatch(
    /Blocked They see you as offline.* Ben Baker Ben\.B-1 Blocked: .* What they did since, kept/,
  )
  expect(told).toMatch(/Called: .* UTC/)
  expect(told).toContain('Wrote: ')
  const html = await (await pages.getPage()).text()
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; please call')
  expect(html).not.toContain('<script>alert(1)')
  await change(benId, 'unblock')
  await desk.has({ 'Ben Baker': 'contact', 'Cleo <b>': 'contact' })
})

test('W14.3 nobody is asked, unblocked or forgotten there whom the person has not removed or blocked', async () => {
  const { benId, cleoId, desk, bens, change, page, db } = await annWithContacts()
  const rows = () => db.selectFrom('contact').selectAll().orderBy('userId').orderBy('id').execute()
  const before = await rows()
  for (const what of ['ask', 'forget', 'unblock', 'remove', 'favourite', ''])
    for (const person of [benId, cleoId, 'nobody', '']) expect((await change(person, what)).status).toBe(303)
  for (const person of ['nobody', '']) await change(person, 'block')
  expect(await rows()).toEqual(before)
  // What is so already is said to be done; what was not done is not.
  await change(benId, 'ask')
  expect(await page()).not.toContain('They are asked again.')
  await desk.has({ 'Ben Baker': 'contact', 'Cleo <b>': 'contact' })
  await bens.has({ 'Ann Able': 'contact' })
})

test.each(languages)('W14.1 the lists are told in %s', async (language) => {
  const { benId, cleoId, desk, pages } = await annWithContacts()
  await desk.request({ what: 'change-contact', contact: benId, change: 'remove' })
  await desk.request({ what: 'change-contact', contact: cleoId, change: 'block' })
  await pages.sendForm('/account/settings', { language })
  const html = await (await pages.getPage()).text()
  expect(html).toContain(`<html lang="${language}"`)
  expect(html).toContain('action="/account/contact"')
  if (language !== 'en')
    for (const word of ['Ask again', 'Forget', 'Unblock']) expect(html).not.toContain(word)
})
