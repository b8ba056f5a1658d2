import { expect, test } from 'vitest'
import type { Refusal } from '../../../protocol/http.ts'
import {
  addressBackoff,
  countFailure,
  delayBefore,
  type FailureCount,
  loginBackoff,
} from '../../../server/accounts/sign-in-backoff.ts'
import { trySignIn } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann } from '../support/people.ts'

const wrong = (failures: number, lastAt = 0): FailureCount => ({ failures, lastAt })
const second = 1_000

test('A3.1 the first five wrong passwords for a name are free, then each waits twice as long, up to 5 minutes', () => {
  const delays = [0, 4, 5, 6, 7, 10, 11, 12, 1_000].map(
    (n) => delayBefore(wrong(n), loginBackoff, 0) / second,
  )
  expect(delays).toEqual([0, 0, 5, 10, 20, 160, 300, 300, 300])
  expect(delayBefore(undefined, loginBackoff, 0)).toBe(0)
})

test('A3.1 the wait runs out, and a clock that is set back does not lengthen it', () => {
  expect(delayBefore(wrong(5, 100_000), loginBackoff, 103_000)).toBe(2_000)
  expect(delayBefore(wrong(5, 100_000), loginBackoff, 105_000)).toBe(0)
  expect(delayBefore(wrong(5, 100_000), loginBackoff, 0)).toBe(5_000)
})

test('A3.1 after an hour without a wrong password the count begins anew', () => {
  expect(delayBefore(wrong(50), loginBackoff, 3_600_000)).toBe(0)
  expect(countFailure(wrong(50), loginBackoff, 3_600_000)).toEqual({ failures: 1, lastAt: 3_600_000 })
  expect(countFailure(wrong(50), loginBackoff, 1)).toEqual({ failures: 51, lastAt: 1 })
})

test('A3.1 an address is given more tries than a name, since many people may share it', () => {
  expect(delayBefore(wrong(19), addressBackoff, 0)).toBe(0)
  expect(delayBefore(wrong(20), addressBackoff, 0)).toBe(5_000)
})

test('A3.4 guesses at one name are slowed down, however it is written, even when all are made at once', async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1' } })
  await addPeople(server.dataDir, ann)
  const guesses = Array.from({ length: 12 }, (_, n) =>
    trySignIn(
      server,
      { login: n % 2 ? 'ann' : ' ANN ', password: `Wrong-horse-${n}` },
      { 'x-forwarded-for': '10.0.0.1' },
    ),
  )
  const statuses = (await Promise.all(guesses)).map(({ status }) => status).sort()
  expect(statuses).toEqual([...Array(5).fill(401), ...Array(7).fill(429)])
  const right = await trySignIn(
    server,
    { login: 'ann', password: ann.password },
    { 'x-forwarded-for': '10.0.0.1' },
  )
  const { error, retryAfter } = (await right.json()) as Refusal
  expect([right.status, error]).toEqual([429, 'too-many-attempts'])
  expect(retryAfter).toBeGreaterThan(0)
  expect(retryAfter).toBeLessThanOrEqual(5)
  expect(right.headers.get('retry-after')).toBe(String(retryAfter))
})

test('A3.4 a restart does not forget, waiting helps, and the right password ends the count', async () => {
  const before = await startInProcessServer()
  await addPeople(before.dataDir, ann)
  const guess = { login: 'ann', password: 'Wrong-horse-7' }
  await Promise.all(Array.from({ length: 5 }, () => trySignIn(before, guess)))
  await before.close()
  const server = await startInProcessServer({ dataDir: before.dataDir, clock: before.clock })
  const right = { login: 'ann', password: ann.password }
  expect((await trySignIn(server, right)).status).toBe(429)
  server.clock.advance(5_000)
  expect((await trySignIn(server, right)).status).toBe(200)
  expect((await trySignIn(server, guess)).status).toBe(401)
})

test('A3.6 guesses at many names from one address are slowed down, by the address that a trusted proxy names', async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1' } })
  const from = (address: string, login: string) =>
    trySignIn(server, { login, password: 'Wrong-horse-7' }, { 'x-forwarded-for': `1.2.3.4, ${address}` })
  const guesses = Array.from({ length: 24 }, (_, n) => from('10.0.0.1', `name-${n}`))
  const statuses = (await Promise.all(guesses)).map(({ status }) => status)
  expect(statuses.filter((status) => status === 401)).toHaveLength(20)
  expect((await from('10.0.0.2', 'name-x')).status).toBe(401)
})

test('A3.6 without a trusted proxy nobody chooses the address that they are counted by', async () => {
  const server = await startInProcessServer()
  const guesses = Array.from({ length: 24 }, (_, n) =>
    trySignIn(
      server,
      { login: `name-${n}`, password: 'Wrong-horse-7' },
      { 'x-forwarded-for': `10.0.0.${n}` },
    ),
  )
  const statuses = (await Promise.all(guesses)).map(({ status }) => status)
  expect(statuses.filter((status) => status === 429)).toHaveLength(4)
})
