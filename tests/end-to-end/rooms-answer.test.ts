import { expect, test } from 'vitest'
import { roomTiming } from '../../protocol/room.ts'
import type { Page } from '../support/page.ts'
import { placedCallOn } from '../support/pages/placed-call.ts'
import { addPerson } from '../support/server/add-person.ts'
import { openSignedInDevice } from '../support/sign-in.ts'
import { befriend, benSample, openPeople, twoPeople } from '../support/two-people.ts'

const here = /has the room open, and has not joined yet/
const addressOf = async (page: Page) => new URL(await page.url())
const seatsIn = (page: Page) =>
  page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('reachable-room:')))

const cidDoe = { username: 'cid', email: 'cid@clinic.example', name: 'Cid Doe' } as const

/** Ann calls Ben, who answers: the page that opens for each by itself. */
async function called() {
  const people = await twoPeople()
  const { server, ann, ben, annDevice, benDevice } = people
  const anns = await openPeople(annDevice, ben)
  await anns.call(ben.name).click()
  const placed = placedCallOn((await annDevice.callWindow()).page)
  const ring = await benDevice.callWindow()
  await expect.poll(() => ring.caller.textContent()).toBe(ann.name)
  await expect.poll(placed.words).toBe('Ringing on 1 device')
  const opened = [annDevice, benDevice].map((device) => device.nextPageAt(`${server.url}/rooms/`))
  await ring.answer.click()
  const [hers, his] = await Promise.all(opened)
  if (!hers || !his) throw new Error('a room did not open')
  return { ...people, anns, hers, his }
}

test('E25.1 RM1.1 RM1.2 RM2.3 Answer leads both to their room, each by a ticket that no address keeps; a reload comes back, a second tab takes over, and the first says so', async () => {
  const { server, benDevice, hers, his } = await called()
  for (const page of [hers, his]) await page.getByText(here).waitFor()
  const [one, other] = [await addressOf(hers), await addressOf(his)]
  expect([one.pathname, one.hash, other.hash]).toEqual([other.pathname, '', ''])

  await his.reload()
  await his.getByText(here).waitFor()
  await hers.getByText(here).waitFor()

  const second = await benDevice.newPage()
  await second.goto(server.url + one.pathname)
  await second.getByText(here).waitFor()
  await his.getByText('You are in this call in another window').waitFor()
  await his.getByRole('button', { name: 'Take it back to this window' }).click()
  await his.getByText(here).waitFor()
  await second.getByText('You are in this call in another window').waitFor()
})

test('E25.2 RM1.4 RM4.1 a third person is refused while two are there; who hangs up ends it for both, and nothing of it is left in their browsers', async () => {
  const { server, hers, his } = await called()
  for (const page of [hers, his]) await page.getByText(here).waitFor()
  const third = await openSignedInDevice(server, await addPerson(server, cidDoe))
  const page = await third.newPage()
  await page.goto((await addressOf(hers)).href)
  await page.getByText('Two others are in this room').waitFor()

  await hers.getByRole('button', { name: 'Hang up' }).click()

  await hers.getByText('You hung up').waitFor()
  await his
    .getByText(/hung up$/)
    .first()
    .waitFor()
  expect([await seatsIn(hers), await seatsIn(his)]).toEqual([[], []])
  await his.reload()
  await his.getByText('This call is over').waitFor()
})

test('E25.3 RM6.1 contacts see somebody in a call while they have its room open, and not ten seconds longer, however they leave it', async () => {
  const { server, ben, benDevice, anns, his } = await called()
  const cid = await addPerson(server, cidDoe)
  await befriend(server, [cid, ben])
  const seenByCid = await openPeople(await openSignedInDevice(server, cid))
  for (const people of [anns, seenByCid])
    await expect.poll(() => people.shape(benSample.name)).toBe('in-call')

  const path = (await addressOf(his)).pathname
  await his.close()
  for (const people of [anns, seenByCid])
    await expect.poll(() => people.shape(benSample.name), { timeout: 3_000 }).toBe('available')

  const again = await benDevice.newPage()
  await again.goto(server.url + path)
  await expect.poll(() => anns.shape(benSample.name)).toBe('in-call')
  await benDevice.close()
  const closed = performance.now()
  await expect.poll(() => anns.shape(benSample.name), { timeout: 60_000 }).not.toBe('in-call')
  expect(performance.now() - closed).toBeLessThan(roomTiming.leaseFor + 4_000)
})

test('E25.5 RM8.4 where nobody could speak, whoever would call reads so before, and whoever would answer beside Answer', async () => {
  const { ben, annDevice, benDevice } = await twoPeople({
    environment: { PUBLIC_URL: 'http://clinic.example' },
  })
  const anns = await openPeople(annDevice, ben)
  await anns.page
    .getByText(/^Who answers a call can neither hear nor see you: .* Ask whoever runs it\.$/)
    .waitFor()
  await anns.call(ben.name).click()
  const ring = await benDevice.callWindow()
  await ring.page.getByText(/^You will neither hear nor see each other: .* Ask whoever runs it\.$/).waitFor()
  await ring.decline.click()
})
