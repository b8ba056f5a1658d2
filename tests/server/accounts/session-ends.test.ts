import { expect, test } from 'vitest'
import { closeCodes } from '../../../protocol/close-codes.ts'
import { deleteSessionsOf } from '../../../server/accounts/session-rows.ts'
import { purge } from '../../../server/purge.ts'
import { openAccount } from '../my-account/at-account.ts'
import { keyOf, proofOf } from '../support/dpop-proofs.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { ann, idOf, sessionOf, settle } from '../support/people.ts'
import { connectDevice, openConnection, sayHello } from '../support/websocket-device.ts'

const day = 86_400_000
const { endedInMyAccount, sessionEnded } = closeCodes

async function annAtHome() {
  const server = await startInProcessServer()
  await settle(server, ann)
  const token = await sessionOf(server, ann, 'device-1')
  const db = await server.db()
  const pages = await openAccount(server, token)
  const sessionIdOf = async (device: string) =>
    (await db.selectFrom('device').select('sessionId').where('device', '=', device).executeTakeFirstOrThrow())
      .sessionId
  return {
    server,
    db,
    pages,
    logOut: async (device: string) =>
      pages.sendForm('/account/device', { session: await sessionIdOf(device) }),
    endOf: async (device: string) =>
      db
        .deleteFrom('session')
        .where('id', '=', await sessionIdOf(device))
        .execute(),
    ends: async () =>
      (await db.selectFrom('sessionEnd').select('device').execute()).map(({ device }) => device),
  }
}

/** A device comes back. @returns the code that its connection is closed with. */
async function comeBack({ url }: InProcessServer, token: string, device: string, keyHolder = device) {
  const connection = await openConnection(url)
  const key = await keyOf(keyHolder)
  const asked = { url: `${url}/socket`, method: 'GET', token }
  await sayHello(connection, { token, device }, (nonce) => proofOf(key, { ...asked, nonce }))
  return (await connection.closed()).code
}

test('A8.16 a device is told no reason that is another device’s', async () => {
  const { server, logOut, endOf } = await annAtHome()
  const second = await connectDevice(server.url, await sessionOf(server, ann, 'device-2'), 'device-2')
  const third = await connectDevice(server.url, await sessionOf(server, ann, 'device-3'), 'device-3')
  await endOf('device-3')
  await logOut('device-2')
  expect((await second.closed()).code).toBe(endedInMyAccount.code)
  expect((await third.closed()).code).toBe(sessionEnded.code)
})

test('A8.16 a reason reaches whoever is connected by the next heartbeat, if by nothing before', async () => {
  const { server, db } = await annAtHome()
  const device = await connectDevice(server.url, await sessionOf(server, ann, 'device-2'), 'device-2')
  // As a command that could not tell the server of it.
  const end = { why: 'passwordChanged', at: Date.now() } as const
  expect(await deleteSessionsOf(db, await idOf(server, ann.email), { end })).toBe(2)
  device.send({ type: 'heartbeat', n: 1 })
  expect((await device.closed()).code).toBe(closeCodes.passwordChanged.code)
})

test('A8.14 A8.16 a device that was off when it was logged out in My account is told so as it comes back, also where it did not hear', async () => {
  const { server, logOut } = await annAtHome()
  const token = await sessionOf(server, ann, 'device-2')
  await logOut('device-2')
  // The connection broke, the worker died before it had kept it, or a copy of the profile came first.
  for (let told = 1; told <= 3; told += 1)
    expect(await comeBack(server, token, 'device-2')).toBe(endedInMyAccount.code)
  // An extension that does not know that code comes back each time, and has to hear one that it knows.
  expect(await comeBack(server, token, 'device-2')).toBe(sessionEnded.code)
})

test('A8.16 a device that was cut off as it was told is told when it comes back', async () => {
  const { server, logOut } = await annAtHome()
  const token = await sessionOf(server, ann, 'device-2')
  const device = await connectDevice(server.url, token, 'device-2')
  await logOut('device-2')
  expect((await device.closed()).code).toBe(endedInMyAccount.code)
  expect(await comeBack(server, token, 'device-2')).toBe(endedInMyAccount.code)
})

test('A8.16 nobody but the device is told, or can use up, why its session ended', async () => {
  const { server, logOut } = await annAtHome()
  const token = await sessionOf(server, ann, 'device-2')
  await logOut('device-2')
  expect(await comeBack(server, token, 'device-2', 'thief')).toBe(sessionEnded.code)
  expect(await comeBack(server, token, 'thief')).toBe(sessionEnded.code)
  expect(await comeBack(server, token, 'device-2')).toBe(endedInMyAccount.code)
})

test('D3.1 A8.16 why a session ended is kept until its device logs in again, and no longer than a year', async () => {
  const { server, db, pages, ends } = await annAtHome()
  for (const device of ['device-2', 'device-3']) await sessionOf(server, ann, device)
  await pages.sendForm('/account/devices')
  expect((await ends()).sort()).toEqual(['device-2', 'device-3'])
  await sessionOf(server, ann, 'device-2')
  expect(await ends()).toEqual(['device-3'])
  const kept = { auditKeptFor: 400 * day, callsKeptFor: 400 * day, messagesKeptFor: 400 * day }
  await purge(db, server.clock.wall() + 364 * day, kept)
  expect(await ends()).toEqual(['device-3'])
  await purge(db, server.clock.wall() + 366 * day, kept)
  expect(await ends()).toEqual([])
})
