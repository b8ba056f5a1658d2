import { expect, test } from 'vitest'
import { openFirefoxDevice } from '../support/firefox/open-firefox-device.ts'
import { startServerWithIssuer } from '../support/issuer/open-issuer.ts'
import { addPerson } from '../support/server/add-person.ts'
import { openClinic } from '../support/server/clinic.ts'
import { startBehindProxy } from '../support/server/start-behind-proxy.ts'

const seconds = 1_000
/** Three times what Firefox gives an idle event page. */
const aliveFor = 90 * seconds

async function signedInFirefox() {
  const { server, network } = await startBehindProxy()
  const person = await addPerson(server)
  const clinic = await openClinic(server)
  const device = await openFirefoxDevice()

  await device.setServer(network.url)

  const popup = await device.open('popup.html')
  await expect.poll(() => popup.has('Log in', 'button')).toBe(true)
  await popup.fill('Username', person.username)
  await popup.fill('Password', person.password)
  await popup.click('Log in', 'button')
  await expect.poll(() => device.badge(), { timeout: 15 * seconds }).toBe('ON')
  return { clinic, network, person, device, popup }
}

test('E11.1 in Firefox one signs in, is rung, answers, and logs out', async () => {
  const { clinic, person, device, popup } = await signedInFirefox()

  const call = await clinic.call(person.username)
  expect(call).toMatchObject({ disposition: 'ringing', devices: 1 })
  await expect.poll(() => device.badge()).toBe('RING')
  await expect
    .poll(async () => (await device.openPage('call.html'))?.has('Answer Dr Bell', 'button'))
    .toBe(true)
  await (await device.openPage('call.html'))?.click('Answer Dr Bell', 'button')
  await expect.poll(async () => (await clinic.look(call.id)).state).toBe('answered')
  await expect.poll(() => device.badge(), { timeout: 10 * seconds }).toBe('ON')

  // Firefox has roles of its own for a button with a menu.
  await popup.click('Account menu, Ann Able')
  await popup.click('Log out')
  await expect.poll(() => device.badge()).toBe('OFF')
  await expect.poll(async () => (await clinic.call(person.username)).disposition).toBe('unreachable')
})

test('E11.3 in Firefox one signs in at the issuer, and logs out', async () => {
  const { server, issuer } = await startServerWithIssuer()
  const device = await openFirefoxDevice()
  await device.setServer(server.url)
  const popup = await device.open('popup.html')
  await popup.click('Sign in with Google', 'button')
  await expect.poll(async () => (await device.pageAt(issuer.issuer))?.text()).toContain('Choose an account')
  await (await device.pageAt(issuer.issuer))?.click('Gwen Green gwen@clinic.example', 'button')
  await expect.poll(() => device.badge()).toBe('ON')
  await expect.poll(() => device.pageAt(issuer.issuer)).toBeUndefined()

  await popup.click('Account menu, Gwen Green')
  await popup.click('Log out')
  await expect.poll(() => device.badge()).toBe('OFF')
})

test('E11.2 in Firefox the event page and its line are the same after 90 s with no page open', async () => {
  const { clinic, network, person, device, popup } = await signedInFirefox()
  await popup.close()
  const began = performance.now()

  await expect
    .poll(
      async () => {
        expect(network.lines()).toEqual({ opened: 1, open: 1 })
        expect(await device.badge()).toBe('ON')
        return performance.now() - began
      },
      { timeout: aliveFor + 10 * seconds, interval: 2 * seconds },
    )
    .toBeGreaterThan(aliveFor)

  expect((await clinic.call(person.username)).disposition).toBe('ringing')
})
