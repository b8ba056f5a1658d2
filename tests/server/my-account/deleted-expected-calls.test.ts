import { expect, test } from 'vitest'
import { announcedById } from '../../../server/expected-calls/announced-calls.ts'
import { peopleDevice } from '../people/people-device.ts'
import { befriended } from '../people/watching-device.ts'
import { programWith } from '../programs/program.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, ben, idOf, sessionOf, settle } from '../support/people.ts'
import { openAccount } from './at-account.ts'

test('PN4.2 PN1.5 PN2.4 with an account goes what names it in expected calls, and whoever announced some is told that they are over', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  await settle(server, ben)
  await befriended(server, ann, ben)
  const at = server.clock.wall() + 3_600_000
  const portal = await programWith(server, 'Portal', 'expected-calls')
  const { id } = await (await portal.post('/api/expected-calls', { to: ann.email, at })).json()
  const device = await peopleDevice(server, ben, 'device-2')
  device.sync(0)
  await device.request({ what: 'expect-call', contact: await idOf(server, ann.email), at })
  const gone = () =>
    device.received.flatMap((message) =>
      message.type === 'events'
        ? message.events.flatMap(({ change }) => (change.kind === 'expected' ? [change.expected.gone] : []))
        : [],
    )
  await expect.poll(gone).toEqual([false])
  const pages = await openAccount(server, await sessionOf(server, ann, 'device-1'))
  await pages.sendForm('/account/delete/sure', { password: ann.password })
  const db = await server.db()
  const rows = await db.selectFrom('expectedCall').selectAll().execute()
  expect(JSON.stringify(rows)).not.toContain(ann.email)
  await expect.poll(gone).toEqual([false, true])
  server.clock.advance(60_000)
  const { id: keyId } = await db.selectFrom('apiKey').select('id').executeTakeFirstOrThrow()
  await expect.poll(async () => (await announcedById(db, keyId, id))?.state).toBe('cancelled')
})
