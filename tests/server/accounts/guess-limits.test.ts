import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { beginAttempt, strangersCounters } from '../../../server/accounts/failed-attempts.ts'
import { countFailure, delayBefore, type FailureCount } from '../../../server/accounts/sign-in-backoff.ts'
import { atOnce, trySignIn } from '../support/api-client.ts'
import { sendForm } from '../support/html-pages.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { linkIn, mailsTo } from '../support/mailbox.ts'
import { addPeople, ann } from '../support/people.ts'

const second = 1_000
const hour = 3_600_000

/** What `beginAttempt` does, on counts in memory. */
function guessed(login = 'ann') {
  const counts = new Map<string, FailureCount>()
  const past = { forgiven: 0, cameByLink: false }
  const known = new Map<string, ReturnType<typeof strangersCounters>>()
  return (address: string, now: number): number => {
    const counters = known.get(address) ?? strangersCounters({ login, address }, past)
    known.set(address, counters)
    const wait = Math.max(...counters.map(([name, policy]) => delayBefore(counts.get(name), policy, now)))
    if (wait === 0)
      for (const [name, policy] of counters) counts.set(name, countFailure(counts.get(name), policy, now))
    return wait
  }
}

/** The most of `times` that lie within one hour. @param times in order. */
function mostInAnHour(times: readonly number[]): number {
  let first = 0
  let most = 0
  for (const [n, at] of times.entries()) {
    while (at - (times[first] ?? at) >= hour) first += 1
    most = Math.max(most, n - first + 1)
  }
  return most
}

const attackers = [
  ...Array.from({ length: 40 }, (_, n) => `198.51.100.${n}`),
  ...Array.from({ length: 40 }, (_, n) => `2001:db8:1:${n.toString(16)}::1`),
  ...Array.from({ length: 40 }, (_, n) => `2001:db8:${n.toString(16)}:1::1`),
]

/** What an attack does next: from where it guesses, and how long it waits before. */
const move = fc.record({
  from: fc.nat(attackers.length - 1),
  wait: fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.nat(10 * second) },
    { weight: 1, arbitrary: fc.nat(400 * second) },
    { weight: 1, arbitrary: fc.constantFrom(72 * second, 180 * second, 300 * second, hour, 2 * hour) },
  ),
})

/** So many steps are taken in one run; `GUESS_STEPS=1000000` takes as many as that. */
const steps = Number(process.env.GUESS_STEPS ?? 30_000)
const ofAddress = 22
const ofNetwork = 40
const ofAll = 100

test('A3.1 whatever an attack does, within an hour no address has 23 guesses at a login, no IPv6 network 41, and all together no more than 100', () => {
  const length = 3_000
  fc.assert(
    fc.property(fc.array(move, { minLength: length, maxLength: length }), (moves) => {
      const guess = guessed()
      const all: number[] = []
      const bySource = new Map<string, number[]>()
      let now = 0
      for (const { from, wait } of moves) {
        now += wait
        const address = attackers[from] ?? ''
        if (guess(address, now) > 0) continue
        all.push(now)
        for (const source of new Set([address, address.split(':').slice(0, 3).join(':')]))
          bySource.set(source, [...(bySource.get(source) ?? []), now])
      }
      expect(mostInAnHour(all)).toBeLessThanOrEqual(ofAll)
      for (const [source, times] of bySource)
        expect(mostInAnHour(times), source).toBeLessThanOrEqual(
          source.endsWith('::1') || source.includes('.') ? ofAddress : ofNetwork,
        )
    }),
    { numRuns: Math.ceil(steps / length) },
  )
})

test('A3.1 an attack that takes every guess that is free, from everywhere, is held to those bounds', () => {
  for (const [count, most, aDay] of [
    [1, ofAddress, 24 * 12 + 11],
    [attackers.length, ofAll, 50 * 24 + 50],
  ] as const) {
    const guess = guessed()
    const times: number[] = []
    for (let now = 0; now < 24 * hour; ) {
      let next = 24 * hour
      for (const address of attackers.slice(0, count)) {
        while (guess(address, now) === 0) times.push(now)
        next = Math.min(next, guess(address, now))
      }
      now += next
    }
    expect(mostInAnHour(times)).toBeLessThanOrEqual(most)
    expect(times.length).toBeLessThanOrEqual(aDay)
  }
})

test.each([
  ['one address', ['203.0.113.5']],
  ['four addresses', ['203.0.113.5', '198.51.100.1', '192.0.2.77', '2001:db8::1']],
  ['a whole IPv6 network', Array.from({ length: 300 }, (_, n) => `2001:db8:7:${n.toString(16)}::1`)],
  ['two of them', Array.from({ length: 300 }, (_, n) => `2001:db8:${n % 2}:${n.toString(16)}::1`)],
])('A3.1 strangers at %s, polling for a day, never keep anybody at another address waiting', (_, from) => {
  const guess = guessed()
  for (let now = 0; now < 24 * hour; ) {
    let next = hour / 2 - (now % (hour / 2))
    for (const address of from) {
      while (guess(address, now) === 0);
      next = Math.min(next, guess(address, now))
    }
    // Two of hers an hour, which count as wrong until they are looked at.
    if (now % (hour / 2) === 0) expect(guess('192.0.2.9', now), `${now / second} s`).toBe(0)
    now += next
  }
})

const from = (address: string) => ({ 'x-forwarded-for': address })
const wrong = (server: InProcessServer, address: string, n: number, login = 'ann') =>
  trySignIn(server, { login, password: `Wrong-horse-${n}`, device: `s-${n % 10}` }, from(address))
const right = (server: InProcessServer, address: string, password: string = ann.password) =>
  trySignIn(server, { login: 'ann', password, device: 'new laptop' }, from(address))

const started = async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1' } })
  await addPeople(server.dataDir, ann)
  return server
}

test('A3.1 whoever guesses at one address keeps the person out of no new browser elsewhere', async () => {
  const server = await started()
  for (let n = 0; n < 12; n += 1) {
    await wrong(server, '203.0.113.5', n)
    server.clock.advance(15_000)
  }
  expect((await wrong(server, '203.0.113.5', 41)).status).toBe(429)
  expect((await right(server, '192.0.2.9')).status).toBe(200)
})

/** Guesses at both names of hers, from so many addresses that none are left for strangers. */
async function flood(server: InProcessServer) {
  const [db, secret] = [await server.db(), readFileSync(join(server.dataDir, 'secret'), 'utf8').trim()]
  for (const login of ['ann', ann.email.toLowerCase()])
    for (let n = 0; n < 60; n += 1) {
      const who = { kind: 'stranger', login, address: `198.51.100.${n}` } as const
      await beginAttempt(db, secret, who, server.clock.wall())
    }
  expect((await wrong(server, '203.0.113.5', 0)).status).toBe(429)
}

test('A3.13 a reset by mail brings its person back at the address where it was used, amid guesses from everywhere, and gives no more guesses than others have', async () => {
  const server = await started()
  await flood(server)
  expect((await right(server, '192.0.2.9')).status).toBe(429)
  const password = 'New-horse-battery-9'
  await sendForm(server, '/password/forgot', { login: 'ann' }, from('192.0.2.9'))
  const link = linkIn(await mailsTo(server, ann.email))
  await sendForm(server, link, { password, again: password }, from('192.0.2.9'))
  await flood(server)
  expect((await right(server, '192.0.2.9', password)).status).toBe(200)
  const statuses = await atOnce(8, (n) => wrong(server, '192.0.2.9', n))
  expect(statuses.sort()).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
  // By her address as by her name, and for an hour.
  server.clock.advance(hour - second)
  expect((await wrong(server, '192.0.2.9', 9, ann.email)).status).toBe(401)
})
