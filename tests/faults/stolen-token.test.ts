import { expect, test } from 'vitest'
import { closeCodes } from '../../protocol/close-codes.ts'
import { fetchWithProof, newKey } from '../server/support/dpop-proofs.ts'
import { openConnection, sendHello } from '../server/support/websocket-device.ts'
import { openDevice } from '../support/open-device.ts'
import { addPerson } from '../support/server/add-person.ts'
import { runCommandOrThrow } from '../support/server/run-command.ts'
import { startServer } from '../support/server/start-server.ts'
import { openSignedInDevice } from '../support/sign-in.ts'
import { plantStoredSession, readStoredSession } from '../support/stored-session.ts'

test('E17.1 A8.1 K2.1 K6.3 Y1.4 whoever stays signed in is so by a key that cannot be exported, and what can be stolen is of no use without it', async () => {
  const server = await startServer()
  const person = await addPerson(server)
  const first = await openSignedInDevice(server, person, { staySignedIn: true })
  await first.close()
  const device = await openDevice({ profile: first.profile })
  await expect.poll(() => device.toolbar.light()).toBe('green')
  const page = await device.open('options.html')
  const stolen = await readStoredSession(page)
  await page.close()
  expect(stolen.key).toBe('InvalidAccessError')
  const { token } = stolen.session

  // A plain client, over HTTP and on the connection.
  const url = `${server.url}/api/account/link`
  const request = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
  for (const scheme of ['Bearer', 'DPoP']) {
    const headers = { ...request.headers, authorization: `${scheme} ${token}` }
    expect((await fetch(url, { ...request, headers })).status).toBe(401)
  }
  expect((await fetchWithProof(url, request, await newKey(), token)).status).toBe(401)
  const connection = await openConnection(server.url)
  await sendHello(connection, server.url, { token, device: stolen.device })
  expect(await connection.closed()).toMatchObject({ code: closeCodes.proofRefused.code })

  // Another browser, into which the thief puts all that could be read.
  const thief = await openDevice()
  const options = await thief.openOptions()
  await options.setServer(server.url)
  await plantStoredSession(options.page, stolen)
  await thief.close()
  const again = await openDevice({ profile: thief.profile })
  const popup = await again.openPopup()
  await popup.logInButton.waitFor()
  await expect.poll(() => again.toolbar.light()).toBe('off')

  expect(await device.toolbar.light()).toBe('green')
  const record = await runCommandOrThrow(
    server.dataDir,
    'audit',
    '--user',
    person.username,
    '--what',
    'proof-refused',
  )
  expect(record).toContain('why=wrong-key')
  await runCommandOrThrow(server.dataDir, 'account', 'revoke', person.username)
  await expect.poll(() => device.toolbar.light(), { timeout: 1_000, interval: 25 }).toBe('off')
})
