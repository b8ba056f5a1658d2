import { expect, test } from 'vitest'
import { reachablePerson } from '../support/reachable-person.ts'
import { runCommandOrThrow } from '../support/server/run-command.ts'

test('E7.1 G3.3 a revoked session turns the badge off within 1 s of the command, and popup and notification say why', async () => {
  const { server, person, device } = await reachablePerson()

  await runCommandOrThrow(server.dataDir, 'account', 'revoke', person.username)
  await expect.poll(() => device.toolbar.light(), { timeout: 1_000, interval: 25 }).toBe('off')

  await expect.poll(() => device.toolbar.lightNotice()).toBe(true)
  const popup = await device.openPopup()
  await popup.page.getByText('Your session ended. Log in to be reachable again.').waitFor()
  await popup.logIn(person)
  await expect.poll(() => device.toolbar.light()).toBe('green')
  await expect.poll(() => device.toolbar.lightNotice()).toBe(false)
})
