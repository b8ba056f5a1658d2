import { expect, test } from 'vitest'
import type { Device } from '../support/device.ts'
import { servePictures } from '../support/issuer/serve-pictures.ts'
import {
  gwen,
  hank,
  type InteractiveIssuer,
  startServerWithIssuer,
  stranger,
  unverified,
} from '../support/issuer/start-issuer.ts'
import { openDevice } from '../support/open-device.ts'
import { accountChooserOn } from '../support/pages/account-chooser.ts'
import { openMyAccount } from '../support/pages/my-account.ts'
import { addPerson } from '../support/server/add-person.ts'
import { runCommandOrThrow } from '../support/server/run-command.ts'
import { startServer } from '../support/server/start-server.ts'

/** A device whose server has an issuer. */
async function deviceWithIssuer() {
  const { server, issuer } = await startServerWithIssuer()
  const device = await openDevice()
  const options = await device.openOptions()
  await options.setServer(server.url)
  await options.page.close()
  return { server, issuer, device }
}

/** Presses the issuer's button in the popup and waits for the window that it opens. */
async function startSignIn(device: Device, { issuer }: InteractiveIssuer) {
  const popup = await device.openPopup()
  const opened = device.nextPageAt(issuer)
  await popup.issuerButton('Google').click()
  return { popup, chooser: accountChooserOn(await opened) }
}

const silent = { OPENID_ISSUER: 'http://127.0.0.1:9', OPENID_NAME: 'Clinic ID', OPENID_CLIENT_ID: 'x' }

test('U2.8 the button of the issuer is there when the server has one, under its name; one that is away is said to be', async () => {
  const [without, other] = [await startServer(), await startServer(silent)]
  const device = await openDevice()
  const options = await device.openOptions()
  await options.setServer(without.url)
  const popup = await device.openPopup()
  await popup.forgot.waitFor()
  expect(await popup.page.getByRole('button', { name: /^Sign in with/ }).count()).toBe(0)

  await options.setServer(other.url)
  await popup.issuerButton('Clinic ID').click()
  await expect
    .poll(() => popup.alertText())
    .toBe('Clinic ID does not answer. Try again in a moment, or use your password.')
  expect(await device.toolbar.light()).toBe('off')
})

test('E15.2 O6.5 U6.9 W11.5 one signs in at the issuer, is asked again which account the next time, and may use another one', async () => {
  const { issuer, server, device } = await deviceWithIssuer()
  const pictures = await servePictures(device)
  const first = await startSignIn(device, issuer)
  await first.chooser.choose('Gwen Green')
  await expect.poll(() => device.toolbar.light()).toBe('green')
  await expect.poll(() => device.toolbar.tooltip()).toContain('Calls can reach you, Gwen Green.')

  const popup = await device.openPopup()
  await expect
    .poll(() => popup.menuButton.getAttribute('aria-label'))
    .toBe('Account menu, Gwen Green, Available')
  await expect.poll(() => pictures.requested()).toContain(gwen.picture)
  const shown = popup.menuButton.locator('img')
  await expect.poll(() => shown.evaluate((image) => (image as HTMLImageElement).complete)).toBe(true)
  expect(await shown.isVisible()).toBe(false)
  pictures.serve()
  await popup.page.reload()
  await expect.poll(() => shown.isVisible()).toBe(true)

  await popup.logOut()
  await expect.poll(() => device.toolbar.light()).toBe('off')
  const second = await startSignIn(device, issuer)
  await second.chooser.another('olga@clinic.example')
  await expect.poll(() => device.toolbar.tooltip()).toContain('Calls can reach you, Olga.')
  expect(issuer.requests()).toBe(2 * device.visitsPerSignIn)

  const account = await openMyAccount(device, server.url)
  await account.getByText('Linked with olga@clinic.example at Google.').waitFor()
  await account.getByRole('link', { name: 'Delete my account' }).click()
  await account.getByRole('link', { name: 'Go on' }).click()
  await account.getByRole('button', { name: 'Delete my account for good' }).click()
  // How long the server takes to delete all of it is no part of the second.
  await account.getByRole('heading', { name: 'Your account is deleted' }).waitFor()
  await expect.poll(() => device.toolbar.light(), { timeout: 1_000, interval: 25 }).toBe('off')
})

test('E15.4 O3.3 what came of a sign-in is said when the popup opens again, and a failed one signs nobody in', async () => {
  const { issuer, server, device } = await deviceWithIssuer()
  await addPerson(server, { username: 'gwen', email: String(gwen.email), name: 'Gwen' })
  const henry = { username: 'henry', email: String(hank.email), name: 'Henry of the Clinic' }
  await addPerson(server, henry, { verified: true })
  const endings = [
    ['The Google window was closed before you were signed in.', 'close'],
    ['Google was not allowed to tell us who you are.', 'deny'],
    ['Google has not verified this email address.', unverified],
    ['Nobody signs in here with this address by way of Google.', stranger],
    ['its owner has not confirmed the address yet.', gwen],
  ] as const
  for (const [sentence, how] of endings) {
    const { popup, chooser } = await startSignIn(device, issuer)
    await chooser.heading.waitFor()
    await popup.page.close()
    if (how === 'close' || how === 'deny') await chooser[how]()
    else await chooser.choose(String(how.email))
    const again = await device.openPopup()
    await expect.poll(() => again.alertText(), { message: sentence }).toContain(sentence)
    expect(await again.issuerButton('Google').isVisible()).toBe(true)
    expect(await device.toolbar.light()).toBe('off')
    await again.page.close()
  }
  expect(await runCommandOrThrow(server.dataDir, 'audit', '--what', 'signed-in')).toBe('')

  // A slow issuer, two clicks, and a popup that is gone in the middle.
  issuer.hold()
  const before = issuer.requests()
  const popup = await device.openPopup()
  const opened = device.nextPageAt(issuer.issuer)
  await popup.issuerButton('Google').dblclick()
  await popup.page.getByRole('button', { name: 'Continue in the Google window…' }).waitFor()
  expect(await popup.alertText()).toBe('')
  await popup.page.close()
  issuer.release()
  await accountChooserOn(await opened).choose('Hank Hill')
  await expect.poll(() => device.toolbar.tooltip()).toContain('Calls can reach you, Henry of the Clinic.')
  expect(issuer.requests() - before).toBe(device.visitsPerSignIn)
})

test('A9.3 a sign-in whose worker died in the middle is said to be interrupted, and leaves nothing half signed in', async () => {
  const { issuer, server, device } = await deviceWithIssuer()
  const { popup, chooser } = await startSignIn(device, issuer)
  await chooser.heading.waitFor()
  await popup.page.close()
  await device.toolbar.killWorker()
  await expect.poll(() => device.toolbar.workerRuns()).toBe(false)
  if (!(await chooser.page.isClosed())) await chooser.choose('Gwen Green').catch(() => {})

  const again = await device.openPopup()
  await expect.poll(() => again.alertText()).toBe('Signing in was interrupted. Try again.')
  await expect.poll(() => device.toolbar.light()).toBe('off')
  expect(await runCommandOrThrow(server.dataDir, 'audit', '--what', 'signed-in')).toBe('')
  await again.page.close()
  await (await startSignIn(device, issuer)).chooser.choose('Gwen Green')
  await expect.poll(() => device.toolbar.light()).toBe('green')
})
