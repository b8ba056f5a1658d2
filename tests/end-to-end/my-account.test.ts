import { expect, test } from 'vitest'
import type { Device } from '../support/device.ts'
import type { Page } from '../support/page.ts'
import { openMyAccount } from '../support/pages/my-account.ts'
import { addPerson } from '../support/server/add-person.ts'
import { startServerBehindProxy } from '../support/server/start-server-behind-proxy.ts'
import { openSignedInDevice } from '../support/sign-in.ts'
import { readStoredSession } from '../support/stored-session.ts'

const second = 1_000

/** When the light of a device is seen to be off, in milliseconds since 1970. */
async function seenOff({ toolbar }: Device): Promise<number> {
  await expect.poll(() => toolbar.light(), { interval: 25 }).toBe('off')
  return Date.now()
}

/** When the page that is shown began to come, in milliseconds since 1970: what was asked for with it was done before. */
const answeredAt = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const [navigation] = performance.getEntriesByType('navigation')
    return performance.timeOrigin + (navigation as PerformanceNavigationTiming).responseStart
  })

test('E18.1 W6.1 W6.3 W7.1 W9.4 W11.2 My account opens logged in from the menu, and all badges follow what is done there, one that goes off within 1 s', async () => {
  const { server, network } = await startServerBehindProxy()
  const person = await addPerson(server)
  const address = network.url
  const desk = await openSignedInDevice(server, person, { address, staySignedIn: true })
  const laptop = await openSignedInDevice(server, person, { address })
  const { session } = await readStoredSession(await desk.open('options.html'))

  const page = await openMyAccount(desk, address)
  expect(network.requestedPaths().join(' ')).not.toContain(session.token)
  const entry = network.requestedPaths().find((path) => path.startsWith('/account/redeem')) ?? ''
  const elsewhere = await laptop.newPage()
  await elsewhere.goto(`${address}${entry}`)
  await elsewhere.getByRole('heading', { name: 'This link does not work any more' }).waitFor()

  await page.getByLabel('The name that others see').fill('Ann Abel-Baker')
  await page.getByRole('button', { name: 'Change the name' }).click()
  await page.getByText('Your name is changed.').waitFor()
  for (const device of [desk, laptop])
    await expect.poll(() => device.toolbar.tooltip()).toContain('Calls can reach you, Ann Abel-Baker.')
  await (await desk.openPopup()).page.getByRole('button', { name: 'Account menu, Ann Abel-Baker' }).waitFor()

  const devices = page.getByRole('region', { name: 'Where you are logged in' }).getByRole('listitem')
  expect(await devices.count()).toBe(2)
  expect(await devices.filter({ hasText: 'This device' }).count()).toBe(1)
  const logOut = devices.filter({ hasNotText: 'This device' }).getByRole('button', { name: /^Log out/ })
  const [laptopOff] = await Promise.all([seenOff(laptop), logOut.click()])
  await page.getByText('The device is logged out.').waitFor()
  expect(laptopOff - (await answeredAt(page))).toBeLessThan(second)
  expect(await desk.toolbar.light()).toBe('green')

  await page.getByRole('link', { name: 'Delete my account' }).click()
  await page.getByRole('link', { name: 'Go on' }).click()
  const sure = page.getByRole('button', { name: 'Delete my account for good' })
  await page.getByLabel('Your password, to be sure that it is you').fill('Wrong-horse-7')
  await sure.click()
  await page.getByRole('alert').waitFor()
  expect(await desk.toolbar.light()).toBe('green')
  await page.getByLabel('Your password, to be sure that it is you').fill(person.password)
  const [deskOff] = await Promise.all([seenOff(desk), sure.click()])
  await page.getByRole('heading', { name: 'Your account is deleted' }).waitFor()
  // How long the server takes to verify a password is no part of the second.
  expect(deskOff - (await answeredAt(page))).toBeLessThan(second)
  const popup = await laptop.openPopup()
  await popup.submit(person.username, person.password)
  await expect.poll(() => popup.alertText()).toContain('Wrong username or password.')
})
