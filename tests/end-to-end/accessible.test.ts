import { expect, test } from 'vitest'
import { edgeless, keyboardFaults, tooWide, violations } from '../support/accessibility.ts'
import { openDevice } from '../support/open-device.ts'
import type { Page } from '../support/page.ts'
import { addPerson } from '../support/server/add-person.ts'
import { openCallClient } from '../support/server/call-client.ts'
import { startServer } from '../support/server/start-server.ts'
import { openSignedInDevice } from '../support/sign-in.ts'
import { benSample, openPeople, twoAccounts } from '../support/two-people.ts'

const faultsOf = async (page: Page) => [...(await violations(page)), ...(await edgeless(page))]

test('E6.1 E20.4 the pages of someone who is signed out have nothing that axe objects to, and edges in forced colours', async () => {
  const device = await openDevice()
  const popup = await device.openPopup()
  await popup.logInButton.click()
  await expect.poll(() => popup.alertText()).not.toBe('')
  expect(await faultsOf(popup.page)).toEqual([])

  const options = await device.openOptions()
  await options.tryServer('')
  await expect.poll(() => options.alertText()).not.toBe('')
  expect(await faultsOf(options.page)).toEqual([])

  const welcome = await device.open('welcome.html')
  await welcome.getByRole('heading', { level: 1 }).waitFor()
  expect(await faultsOf(welcome)).toEqual([])
})

test('E6.1 E20.2 E20.4 nor have those of someone who is signed in, called, and has missed calls', async () => {
  const server = await startServer({ RING_FOR: '60' })
  const person = await addPerson(server)
  const clinic = await openCallClient(server)
  await clinic.call(person.username)
  const device = await openSignedInDevice(server, person, { badge: '1' })
  const popup = await device.openPopup()
  await popup.missed.waitFor()
  expect(await faultsOf(popup.page)).toEqual([])
  await popup.menuButton.click()
  expect(await faultsOf(popup.page)).toEqual([])

  await clinic.call(person.username)
  const shown = await device.callWindow()
  await shown.answer.waitFor()
  expect(await faultsOf(shown.page)).toEqual([])
  expect([await tooWide(shown.page), await keyboardFaults(shown.page)]).toEqual([[], []])
  expect(await faultsOf(popup.page)).toEqual([])

  const room = device.nextPageAt(server.url)
  await shown.answer.click()
  const roomPage = await room
  expect(await faultsOf(roomPage)).toEqual([])
  expect([await tooWide(roomPage), await keyboardFaults(roomPage)]).toEqual([[], []])
  await roomPage.goto(server.url)
  expect(await faultsOf(roomPage)).toEqual([])
})

test('E6.1 E20.2 E20.4 PU6.1 nor has what the popup shows of contacts, requests and statuses, in which the keyboard reaches all', async () => {
  const server = await startServer()
  const { ann } = await twoAccounts(server)
  const cid = await addPerson(server, { username: 'cid', email: 'cid@clinic.example', name: 'Cid Doe' })
  const device = await openSignedInDevice(server, ann)
  const asking = await openPeople(await openSignedInDevice(server, cid))
  await asking.ask(ann.username)
  const people = await openPeople(device)
  await people.accept(cid.name).waitFor()
  const wrong = async () => [...(await faultsOf(people.page)), ...(await tooWide(people.page))]
  expect([await wrong(), await keyboardFaults(people.page)]).toEqual([[], []])

  await people.page.getByRole('button', { name: 'Add a contact' }).click()
  await people.page.getByRole('textbox', { name: 'Username or email' }).waitFor()
  expect([await wrong(), await keyboardFaults(people.page)]).toEqual([[], []])
  await people.page.getByRole('button', { name: 'Cancel' }).click()

  // By the keyboard alone: to the list, to the menu of its row, and there to a question.
  await people
    .row(benSample.name)
    .locator('[data-column]')
    .first()
    .evaluate((cell) => cell.focus())
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter']) await people.page.keyboard.press(key)
  const items = people.page.locator('.contact-sheet')
  await items.getByText('Block…').waitFor()
  expect(await wrong()).toEqual([])
  for (const key of ['End', 'Enter']) await people.page.keyboard.press(key)
  await items.getByText(/^Block Ben Sample\?/).waitFor()
  expect(await faultsOf(people.page)).toEqual([])
  await people.page.keyboard.press('Escape')

  await people.menuButton.click()
  expect(await wrong()).toEqual([])
  await people.page.getByRole('menuitemradio', { name: /^Busy/ }).click()
  expect(await faultsOf(people.page)).toEqual([])
})
