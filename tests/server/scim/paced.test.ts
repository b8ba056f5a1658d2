import { expect, test } from 'vitest'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import { clinicOf, startClinic } from './clinic.ts'

test('N6.7 a key asks three thousand times at once and twenty times a second after, and is told when to go on', async () => {
  const clinic = await startClinic()
  const { server } = clinic
  const begun = performance.now()
  const statuses: number[] = []
  for (let n = 0; n < 3_400; n += 100)
    statuses.push(
      ...(await Promise.all(
        Array.from({ length: 100 }, async () => (await clinic.ask('GET', '/Bulk')).status),
      )),
    )
  const seconds = (performance.now() - begun) / 1_000
  const done = statuses.filter((status) => status === 404).length
  expect(done).toBeGreaterThanOrEqual(3_000)
  expect(done).toBeLessThanOrEqual(3_000 + Math.ceil(20 * seconds))
  expect(new Set(statuses)).toEqual(new Set([404, 429]))
  const [refused] = (await Promise.all(Array.from({ length: 30 }, () => clinic.ask('GET', '/Users')))).filter(
    ({ status }) => status === 429,
  )
  expect(refused?.headers.get('retry-after')).toBe('1')
  expect(refused?.headers.get('content-type')).toBe('application/scim+json')
  expect(refused?.body).toMatchObject({ status: '429', detail: expect.stringContaining('Try again in 1 s.') })
  const other = await createApiKey(await server.db(), 'Other', server.clock.wall(), 'scim')
  expect((await clinicOf(server, other ?? '').ask('GET', '/Users')).status).toBe(200)
  server.clock.advance(1_000)
  expect((await clinic.ask('GET', '/Users')).status).toBe(200)
})
