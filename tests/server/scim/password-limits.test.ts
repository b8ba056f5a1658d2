import { expect, test } from 'vitest'
import { trySignIn } from '../support/api-client.ts'
import { nurse, startClinic } from './clinic.ts'

const hour = 3_600_000

test('N4.9 the clinic changes a person’s password ten times an hour, and they are told of it once', async () => {
  const clinic = await startClinic()
  const id = await clinic.make()
  const { server } = clinic
  const db = await server.db()
  const mails = async () =>
    (await db.selectFrom('mail').select('id').where('kind', '=', 'changed').execute()).length
  const set = async (n: number) =>
    clinic.patch(id, { op: 'replace', path: 'password', value: `Quiet-harbour-${n}-lamp` })
  for (let n = 0; n < 10; n += 1) expect((await set(n)).status).toBe(200)
  expect(await mails()).toBe(1)
  // What is theirs already changes nothing, and is always taken.
  expect((await set(9)).status).toBe(200)
  const refused = await set(10)
  expect([refused.status, refused.body.status]).toEqual([429, '429'])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_500)
  expect((await trySignIn(server, { login: 'nora.n', password: 'Quiet-harbour-9-lamp' })).status).toBe(200)
  const other = { ...nurse, userName: 'other', externalId: 'o', emails: [{ value: 'o@clinic.example' }] }
  const otherId = await clinic.make(other)
  expect(
    (await clinic.patch(otherId, { op: 'replace', path: 'password', value: 'Evening-primrose-31' })).status,
  ).toBe(200)
  expect(await mails()).toBe(2)
  server.clock.advance(hour)
  expect((await set(11)).status).toBe(200)
  expect(await mails()).toBe(3)
  const rows = await db.selectFrom('audit').select('id').where('what', '=', 'password-changed').execute()
  expect(rows).toHaveLength(12)
})
