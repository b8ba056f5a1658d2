import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDevice } from '../support/open-device.ts'
import { addPerson } from '../support/server/add-person.ts'
import { runCommandOrThrow } from '../support/server/run-command.ts'
import { startServer } from '../support/server/start-server.ts'
import { openSignedInDevice } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('E17.2 T9.2 whoever copies a whole browser profile has its session, and of the two the one without the connection says so', async () => {
  const server = await startServer()
  const person = await addPerson(server)
  const first = await openSignedInDevice(server, person, { staySignedIn: true })
  await first.close()
  const profile = join(temporaryFolder(), 'copy')
  cpSync(first.profile, profile, { recursive: true })

  const owner = await openDevice({ profile: first.profile })
  await expect.poll(() => owner.toolbar.light()).toBe('green')
  // Key and session came with the profile's files: to the server it is the same device, which has a connection.
  const copy = await openDevice({ profile })
  const sentence = 'a copy of this browser profile is connected in its place'
  await expect.poll(() => copy.toolbar.tooltip()).toContain(sentence)
  expect(await owner.toolbar.light()).toBe('green')
  const popup = await copy.openPopup()
  await popup.page.getByRole('button', { name: 'Try now' }).click()
  await expect.poll(() => copy.toolbar.light()).toBe('green')
  await expect.poll(() => owner.toolbar.tooltip()).toContain(sentence)

  // What ends the session ends it for both.
  await runCommandOrThrow(server.dataDir, 'account', 'revoke', person.username)
  await expect.poll(() => copy.toolbar.tooltip()).toContain('your session ended')
  await expect.poll(() => owner.toolbar.tooltip()).toContain('your session ended')
})
