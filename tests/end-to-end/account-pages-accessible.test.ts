import { expect, test } from 'vitest'
import { edgeless, keyboardFaults, tooWide, violations } from '../support/accessibility.ts'
import { startServerWithIssuer } from '../support/issuer/start-issuer.ts'
import { linkIn, mailTo } from '../support/mail/mail-to.ts'
import { startMailServer } from '../support/mail/start-mail-server.ts'
import { openDevice } from '../support/open-device.ts'
import type { Page } from '../support/page.ts'
import { openMyAccount } from '../support/pages/my-account.ts'
import { addPerson } from '../support/server/add-person.ts'
import { runCommandOrThrow } from '../support/server/run-command.ts'

const faultsOf = async (page: Page) => [
  ...(await keyboardFaults(page)),
  ...(await tooWide(page)),
  ...(await violations(page)),
  ...(await edgeless(page)),
]

test('E20.2 E20.4 W5.1 W5.3 every page around accounts stands up to axe, to the keyboard alone, and to narrow and magnified windows', async () => {
  const mail = await startMailServer()
  const sender = 'Reachable <reachable@clinic.example>'
  const { server } = await startServerWithIssuer({
    ...{ SMTP_URL: mail.address, MAIL_FROM: sender, SIGN_UP: 'on' },
  })
  const person = await addPerson(server)
  const device = await openDevice()
  const found: Record<string, readonly string[]> = {}

  const options = await device.openOptions()
  await options.setServer(server.url)
  const popup = await device.openPopup()
  await popup.issuerButton('Google').waitFor()
  found.popup = [...(await keyboardFaults(popup.page)), ...(await violations(popup.page))]
  found.options = [...(await keyboardFaults(options.page)), ...(await tooWide(options.page))]
  const welcome = await device.open('welcome.html')
  found.welcome = [...(await keyboardFaults(welcome)), ...(await tooWide(welcome))]

  const tab = await device.newPage()
  await tab.goto(`${server.url}/password/forgot`)
  await tab.getByLabel('Email or username').fill(person.email)
  await tab.keyboard.press('Enter')
  await runCommandOrThrow(server.dataDir, 'account', 'invite', 'zoe@clinic.example')
  const links = [
    await mailTo(mail, person.email, 'Choose a new password'),
    await mailTo(mail, 'zoe@clinic.example', 'Your Reachable account'),
  ].map(linkIn)

  await popup.logIn(person)
  await openMyAccount(device, server.url)

  const paths = [
    ...['/', '/password/forgot', '/password/forgot/sent', '/password/reset/x', '/password/changed'],
    ...['/sign-up', '/joined', '/auth/issuer/start', '/auth/issuer/callback'],
    ...['/account', '/account/password', '/account/delete', '/account/delete/sure', '/account/left'],
  ].map((path) => server.url + path)
  for (const address of [...paths, ...links]) {
    await tab.goto(address)
    await tab.getByRole('heading', { level: 1 }).waitFor()
    found[new URL(address).pathname] = await faultsOf(tab)
  }
  expect(Object.entries(found).filter(([, faults]) => faults.length > 0)).toEqual([])
})
