import { expect, test } from 'vitest'
import { keyboardFaults, violations } from '../support/accessibility.ts'
import { addPerson } from '../support/server/add-person.ts'
import { openCallClient } from '../support/server/call-client.ts'
import { startServer } from '../support/server/start-server.ts'
import { openSignedInDevice } from '../support/sign-in.ts'

test('E6.1 U4.2 E20.2 the popup is 360 px wide and needs no scrollbar: of many missed calls the list scrolls, and the Tab key reaches all', async () => {
  const server = await startServer()
  const person = await addPerson(server)
  const clinic = await openCallClient(server)
  for (const n of Array(9).keys()) await clinic.call(person.username, `Caller ${n % 8}`)
  const device = await openSignedInDevice(server, person, { badge: '9' })
  const popup = await device.openPopup()
  await popup.page.setViewportSize({ width: 360, height: 600 })
  await popup.missed.waitFor()

  const overflow = await popup.page.evaluate(() => {
    const { scrollWidth, scrollHeight, clientWidth, clientHeight } = document.documentElement
    return { wider: scrollWidth - clientWidth, higher: scrollHeight - clientHeight }
  })

  expect(overflow).toEqual({ wider: 0, higher: 0 })
  const scrolls = () =>
    popup.missed
      .getByRole('group')
      .evaluate((list) => list.tabIndex === 0 && list.scrollHeight > list.clientHeight)
  expect(await scrolls()).toBe(true)

  expect(await keyboardFaults(popup.page)).toEqual([])

  await popup.missed.getByRole('button', { name: 'Caller 0' }).first().click()
  await popup.missed.getByRole('button', { name: 'Mark all as seen' }).click()
  await popup.missed.getByRole('button', { name: 'Undo' }).waitFor()
  expect(await scrolls()).toBe(true)
  expect(await violations(popup.page)).toEqual([])
})
