import { expect, test } from 'vitest'
import { hashOfNobody, hashPassword, isHashOf, isOutdated } from '../../../server/accounts/password-hash.ts'
import { scryptHash } from '../support/scrypt-hash.ts'

const typed = 'Correct-horse-7'

test('W4.7 a password is hashed by argon2id with 46 MiB and two passes, and with a salt of its own', async () => {
  const [one, other] = await Promise.all([hashPassword(typed), hashPassword(typed)])
  expect(one).toMatch(/^\$argon2id\$v=19\$m=47104,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(one).not.toBe(other)
  for (const hash of [one, other]) {
    expect(await isHashOf(hash, typed)).toBe(true)
    expect(await isHashOf(hash, `${typed} `)).toBe(false)
  }
  expect(isOutdated(one)).toBe(false)
})

/** From the tests of argon2's reference implementation. */
const published = {
  password: 'password',
  hash: '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
}

test('W4.7 a hash is verified by the cost that stands in it, also one of another program', async () => {
  expect(await isHashOf(published.hash, published.password)).toBe(true)
  expect(await isHashOf(published.hash, 'Password')).toBe(false)
  expect(isOutdated(published.hash)).toBe(false)
})

test('W4.7 a hash by scrypt, or by less than now, is verified and known to be outdated', async () => {
  expect(await isHashOf(scryptHash, typed)).toBe(true)
  expect(await isHashOf(scryptHash, 'Wrong-horse-7')).toBe(false)
  expect(isOutdated(scryptHash)).toBe(true)
  for (const cost of ['m=19456,t=2,p=1', 'm=47104,t=1,p=1', 'm=47103,t=4,p=1'])
    expect(isOutdated(published.hash.replace('m=65536,t=2,p=1', cost)), cost).toBe(true)
})

test('W4.7 what is the hash of nobody’s password is no password’s, and takes no more than any', async () => {
  for (const nobodys of [
    ...[
      '',
      '$',
      'x',
      'a:b',
      '$argon2id$',
      '$argon2id$v=19$m=47104,t=2,p=1$$',
      '$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$YWFhYQ',
    ],
    // Each would take the machine, or be done at once.
    ...[
      'm=4194304,t=1,p=1',
      'm=1048577,t=1,p=1',
      'm=65536,t=99,p=1',
      'm=65536,t=2,p=17',
      'm=7,t=1,p=1',
      'm=64,t=0,p=1',
      'm=64,t=1,p=0',
    ].map((cost) => published.hash.replace('m=65536,t=2,p=1', cost)),
    published.hash.replace('c29tZXNhbHQ', 'c29tZQ'),
    published.hash.replace('v=19', 'v=16'),
  ])
    expect([nobodys, await isHashOf(nobodys, typed)]).toEqual([nobodys, false])
  const nobodys = hashOfNobody()
  expect(await isHashOf(nobodys, typed)).toBe(false)
  expect(isOutdated(nobodys)).toBe(false)
})
