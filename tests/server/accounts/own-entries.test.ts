import { expect, test } from 'vitest'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import { audit, recordCounted } from '../../../server/accounts/audit.ts'
import { openAccount } from '../my-account/at-account.ts'
import { clinicOf, nurse } from '../scim/clinic.ts'
import { startInProcessServer, type TestServer } from '../support/in-process-server.ts'
import { ann, ben, sessionOf, settle } from '../support/people.ts'

const entriesOf = async (server: TestServer, what: string) =>
  (
    await (
      await server.db()
    )
      .selectFrom('audit')
      .select(['who', 'detail'])
      .where('what', '=', what)
      .orderBy('id')
      .execute()
  ).map(({ who, detail }): Record<string, unknown> => ({ who, ...JSON.parse(detail) }))

const hour = 3_600_000

test('Y1.11 of what people do about themselves sixty entries of a kind are written at once and twenty an hour after, and how many more', async () => {
  const server = await startInProcessServer()
  const [id = '', ofBen = ''] = await settle(server, ann, ben)
  const db = await server.db()
  const at = server.clock.wall()
  const kinds = ['signed-in', 'signed-out', 'account-opened', 'account-changed', 'session-ended'] as const
  for (const what of kinds)
    for (let n = 0; n < 70; n += 1) await audit(db, { at, what, who: id, detail: { n } })
  for (const what of kinds) {
    const written = await entriesOf(server, what)
    expect([what, written.map(({ n }) => n)]).toEqual([what, Array.from({ length: 60 }, (_, n) => n)])
  }
  await audit(db, { at, what: 'signed-in', who: ofBen })
  for (let n = 0; n < 30; n += 1) await audit(db, { at: at + hour, what: 'signed-in', who: id })
  expect(await entriesOf(server, 'signed-in')).toHaveLength(60 + 1 + 20)
  await recordCounted(db, at + hour, 'all')
  expect(await entriesOf(server, 'and-more')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ who: id, what: 'signed-in', count: 20 }),
      expect.objectContaining({ who: id, what: 'account-opened', count: 10 }),
    ]),
  )
})

test('Y1.11 what begins or ends somebody’s access for good is always written', async () => {
  const server = await startInProcessServer()
  const [id = ''] = await settle(server, ann)
  const db = await server.db()
  const kinds = [
    'password-changed',
    'issuer-linked',
    'issuer-unlinked',
    'reset-done',
    'sessions-revoked',
  ] as const
  for (const what of kinds) for (let n = 0; n < 70; n += 1) await audit(db, { at: 1, what, who: id })
  for (const what of kinds) expect(await entriesOf(server, what)).toHaveLength(70)
})

test('Y1.11 names changed in turns, and a person provisioned in turns, fill no record', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const pages = await openAccount(server, await sessionOf(server, ann, 'device-1'))
  for (let n = 0; n < 70; n += 1) {
    server.clock.advance(1_000)
    expect((await pages.sendForm('/account/name', { name: `Ann ${n}` })).status).toBe(303)
  }
  expect((await entriesOf(server, 'account-changed')).length).toBeLessThanOrEqual(61)
  const key = await createApiKey(await server.db(), 'Clinic', server.clock.wall(), 'scim')
  const clinic = clinicOf(server, key ?? '')
  const id = await clinic.make({ password: undefined })
  for (let n = 0; n < 70; n += 1)
    expect((await clinic.patch(id, { op: 'replace', path: 'active', value: n % 2 === 1 })).status).toBe(200)
  for (const what of ['provisioning-changed', 'account-disabled', 'account-enabled'])
    expect([what, (await entriesOf(server, what)).length]).toEqual([what, what.startsWith('a') ? 35 : 60])
  expect((await clinic.ask('GET', `/Users/${id}`)).body).toMatchObject({ userName: nurse.userName })
})
