import { expect, test } from 'vitest'
import { linkIn, mailTo } from '../support/mail/mail-to.ts'
import { newPasswordOn } from '../support/pages/new-password.ts'
import { runCommandOrThrow } from '../support/server/run-command.ts'
import { openScimClient } from '../support/server/scim-client.ts'
import { startServerWithMail } from '../support/server/start-server-with-mail.ts'
import { openSignedInDevice } from '../support/sign-in.ts'

const nora = {
  username: 'nora.n',
  email: 'nora@clinic.example',
  name: 'Nora Nurse',
  password: 'Quiet-harbour-31',
}
const zoe = { username: 'zoe', email: 'zoe@clinic.example', name: 'Zoë Zhu', password: 'Battery-staple-8' }

test('N3.1 N4.3 N1.1 a person made by the clinic’s system and one who was invited sign in; who is disabled is off within 1 s', async () => {
  const { server, mail } = await startServerWithMail()
  const system = await openScimClient(server)
  const id = await system.make(nora)
  const device = await openSignedInDevice(server, nora)
  await expect.poll(() => device.toolbar.tooltip()).toContain('Calls can reach you, Nora Nurse.')
  await system.rename(id, 'Nora Newname')
  await expect.poll(() => device.toolbar.tooltip()).toContain('Calls can reach you, Nora Newname.')
  await system.disable(id)
  await expect.poll(() => device.toolbar.light(), { timeout: 1_000, interval: 25 }).toBe('off')
  const popup = await device.openPopup()
  await popup.submit(nora.username, nora.password)
  await expect.poll(() => popup.alertText()).not.toBe('')
  expect(await device.toolbar.light()).toBe('off')

  await runCommandOrThrow(server.dataDir, 'account', 'invite', zoe.email)
  const page = await device.newPage()
  await page.goto(linkIn(await mailTo(mail, zoe.email, 'Your Reachable account')))
  await page.getByLabel('Username').fill(zoe.username)
  await page.getByLabel('Your name').fill(zoe.name)
  const { first, again } = newPasswordOn(page)
  await first.fill(zoe.password)
  await again.fill(zoe.password)
  await page.getByRole('button', { name: 'Create the account' }).click()
  await page.getByRole('heading', { name: 'Your account is ready' }).waitFor()
  await popup.logIn(zoe)
  await expect.poll(() => device.toolbar.tooltip()).toContain('Calls can reach you, Zoë Zhu.')
})
