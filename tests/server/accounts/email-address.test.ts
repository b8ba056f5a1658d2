import { expect, test } from 'vitest'
import { invite } from '../../../server/accounts/invite.ts'
import { comparableEmail, isEmailAddress } from '../../../server/accounts/login-name.ts'
import { addAccount } from '../../../server/accounts/operator-accounts.ts'
import { openPasswords } from '../../../server/accounts/passwords.ts'
import { resolvePerson } from '../../../server/openid/resolve-person.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { nurse, startClinic } from '../scim/clinic.ts'
import { leastHashCost } from '../support/hash-costs.ts'
import { sendForm } from '../support/html-pages.ts'
import { openTestDatabase, startInProcessServer } from '../support/in-process-server.ts'
import { ann } from '../support/people.ts'

const passwords = openPasswords({ cost: leastHashCost })

/** Addresses under a name that is reserved so that no mail reaches it. */
const unreachable = ['x@deleted.invalid', 'X@Deleted.INVALID', 'x@a.b.invalid', 'x@clinic.invalid']

test.each([
  ...[
    'a@b.example',
    'ann.lee+calls@clinic.example',
    "o'neill@clinic.example",
    '_a@x-y.example',
    'a@x.xn--p1ai',
  ],
  ...[
    'jane_mail.example#EXT#@tenant.example',
    '7@x.example',
    'a@invalid.example',
    'invalid@x.example',
    'a@x.test',
  ],
  `${'x'.repeat(60)}@${'y'.repeat(60)}.${'z'.repeat(60)}.example`,
])('A4.5 %s is an address', (email) => {
  expect(isEmailAddress(email)).toBe(true)
  expect(comparableEmail(email.toUpperCase())).toBe(email.toLowerCase())
})

test.each([
  ...[
    '',
    'a',
    '@b.example',
    'a@',
    'a@b',
    'a@b@c.example',
    'a b@c.example',
    'a@c.example\n',
    'a@c.example.',
    'a@-c.example',
  ],
  ...[
    '"a"@c.example',
    'a,b@c.example',
    '<a@c.example>',
    'a@127.0.0.1',
    'a@[127.0.0.1]',
    'a@clin\u0131c.example',
    '\u212aim@c.example',
  ],
  ...['a@invalid', ...unreachable],
  `${'x'.repeat(60)}@${'y'.repeat(60)}.${'z'.repeat(60)}.${'w'.repeat(20)}.example`,
])('A4.5 %j is none', (email) => {
  expect(isEmailAddress(email)).toBe(false)
  expect(comparableEmail(email)).toBeUndefined()
})

test('A4.5 the operator and an issuer make nobody with an address that no mail reaches', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const policy = {
    issuer: 'https://issuer.example',
    name: 'Issuer',
    domains: ['deleted.invalid', 'clinic.invalid', 'a.b.invalid'],
  }
  const from = { address: '127.0.0.1', label: '' }
  const given = { firstPasswordLifetime: 7 * 86_400_000 }
  for (const email of unreachable) {
    expect((await addAccount(db, passwords, { ...ann, email }, given, 1)).kind).toBe('invalid')
    expect((await invite(db, { email, name: null, language: 'en' }, 1)).kind).toBe('no-email')
    const claims = { sub: email, email, emailVerified: true }
    expect((await resolvePerson(db, policy, claims, from, 1)).kind).toBe('refused')
  }
  for (const table of ['user', 'mail', 'link'] as const)
    expect([table, await db.selectFrom(table).select('id').execute()]).toEqual([table, []])
})

test('A4.5 nobody signs up with one', async () => {
  const server = await startInProcessServer({ env: { SIGN_UP: 'on' } })
  for (const email of unreachable) {
    const page = await sendForm(server, '/sign-up', { email })
    expect(page.status).toBe(422)
  }
  const db = await server.db()
  expect(await db.selectFrom('mail').select('id').execute()).toEqual([])
})

test('A4.5 the clinic’s system gives nobody one', async () => {
  const { server, ask, make, patch } = await startClinic()
  const id = await make()
  for (const value of unreachable) {
    const other = { ...nurse, userName: 'other', externalId: 'other', emails: [{ value }] }
    const answers = [
      await ask('POST', '/Users', other),
      await ask('PUT', `/Users/${id}`, { ...nurse, emails: [{ value }] }),
      await patch(id, { op: 'replace', path: 'emails[type eq "work"].value', value }),
    ]
    for (const { status, body } of answers) expect([status, body.scimType]).toEqual([400, 'invalidValue'])
  }
  const db = await server.db()
  expect(await db.selectFrom('user').select('email').execute()).toEqual([{ email: 'nora@clinic.example' }])
})
