import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { isUsername, normalLogin } from '../../../server/accounts/login-name.ts'
import { addAccount, randomPassword } from '../../../server/accounts/operator-accounts.ts'
import { passwordError } from '../../../server/accounts/password-rule.ts'
import { openPasswords } from '../../../server/accounts/passwords.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { leastHashCost } from '../support/hash-costs.ts'
import { openTestDatabase } from '../support/in-process-server.ts'
import { ann, ben } from '../support/people.ts'

const passwords = openPasswords({ cost: leastHashCost })

const given = { firstPasswordLifetime: 7 * 86_400_000 }

test('W4.1 a new password has A–Z, a–z, 0–9 and one other character, and 8 to 128 in all', () => {
  for (const good of ['Aa0-aaaa', `Aa0 ${'x'.repeat(124)}`, 'Ää0Aaaaa'])
    expect(passwordError(good), good).toBeUndefined()
  for (const bad of ['', 'Aa0-aaa', 'aa0-aaaa', 'AA0-AAAA', 'Aaa-aaaa', 'Aa0aaaaa', `Aa0-${'x'.repeat(125)}`])
    expect(passwordError(bad), bad).toMatch(/^The password needs .*\.$/)
  for (let n = 0; n < 200; n += 1) expect(passwordError(randomPassword())).toBeUndefined()
})

test('A4.2 a username has 1 to 64 letters, digits and _ . -', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 70 }), (name) => {
      const good = name.length >= 1 && name.length <= 64 && [...name].every((c) => /[a-zA-Z0-9_.-]/.test(c))
      expect(isUsername(name)).toBe(good)
    }),
  )
  expect(isUsername('a')).toBe(true)
  expect(isUsername('x'.repeat(64))).toBe(true)
  expect(isUsername('x'.repeat(65))).toBe(false)
})

test('A4.2 an account that cannot be is refused with everything that is wrong, and one name is had once', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const refused = await addAccount(
    db,
    passwords,
    { username: 'a b', email: 'no', name: ' ', password: 'x' },
    given,
    1,
  )
  expect(refused).toMatchObject({ kind: 'invalid', errors: { length: 4 } })
  expect(await addAccount(db, passwords, ann, given, 1)).toMatchObject({
    kind: 'added',
    account: { username: 'ann' },
  })
  expect(
    await addAccount(db, passwords, { ...ann, username: 'ANN', email: 'ANN@clinic.example' }, given, 1),
  ).toEqual({
    kind: 'invalid',
    errors: [
      'There is an account ANN already.',
      'There is an account with the email ann@clinic.example already.',
    ],
  })
})

test('A4.2 of two accounts that are made with one name at once, one is', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const made = await Promise.all(
    ['one@clinic.example', 'two@clinic.example'].map((email) =>
      addAccount(db, passwords, { ...ann, email }, given, 1),
    ),
  )
  expect(made.map(({ kind }) => kind).sort()).toEqual(['added', 'invalid'])
  const count = await db.selectFrom('account').select('userId').execute()
  expect(count).toHaveLength(1)
})

test('A4.2 what the operator types is trimmed, composed and checked like what a person types', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const typed = { ...ann, username: ' ann ', email: ' Ann@Clinic.example ', name: '  Zoe\u0308  ' }
  expect(await addAccount(db, passwords, typed, given, 1)).toMatchObject({
    kind: 'added',
    account: { username: 'ann', email: 'ann@clinic.example', name: 'Zo\u00eb' },
  })
  for (const name of ['\u202egnp.exe', 'Ann\0', '\u2066Ann', 'x'.repeat(101)])
    expect(
      await addAccount(db, passwords, { ...ann, username: 'b', email: 'b@x.example', name }, given, 1),
    ).toMatchObject({
      kind: 'invalid',
      errors: [expect.stringMatching(/^A name has 1 to 100 characters/)],
    })
})

test('Y1.7 an account that the operator adds is recorded, or not made', async () => {
  const db = await openTestDatabase(temporaryFolder())
  await addAccount(db, passwords, { ...ann, verified: true }, given, 1)
  const { id } = await db.selectFrom('user').select('id').executeTakeFirstOrThrow()
  expect(await db.selectFrom('audit').select(['at', 'what', 'who', 'detail']).execute()).toEqual([
    { at: 1, what: 'account-added', who: id, detail: '{"by":"operator","verified":true}' },
  ])
  await sql`create trigger no_more before insert on audit begin select raise(abort, 'not now'); end`.execute(
    db,
  )
  await expect(addAccount(db, passwords, ben, given, 1)).rejects.toThrow('not now')
  expect(await db.selectFrom('user').select('id').execute()).toEqual([{ id }])
})

test('A4.2 a login is the same however often it is made comparable', () => {
  const isStable = (typed: string) => normalLogin(normalLogin(typed)) === normalLogin(typed)
  expect(normalLogin('´ann'), 'a dead key that slipped').toBe('\u0301ann')
  for (let code = 0; code <= 0xffff; code += 1)
    if (code < 0xd800 || code > 0xdfff) {
      const sign = String.fromCharCode(code)
      expect([sign, isStable(`${sign}ann`), isStable(`ann${sign}`)]).toEqual([sign, true, true])
    }
  fc.assert(fc.property(fc.string({ unit: 'binary' }), isStable), { numRuns: 2_000 })
})
