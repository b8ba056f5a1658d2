import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { comparableEmail } from '../../../server/accounts/login-name.ts'
import { followIssuer, issuerProfileOf } from '../../../server/openid/issuer-profile.ts'
import { mailsTo } from '../support/mailbox.ts'
import { ann, ben, sessionOf } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'
import { auditOf, withHostile } from './with-hostile.ts'

test('O3.3 O4.1 a verified address links to the account that has it, whose sessions and password stay', async () => {
  const set = await withHostile()
  const db = await set.server.db()
  const token = await sessionOf(set.server, ann, 'device-9')
  const device = await connectDevice(set.server.url, token, 'device-9')
  expect(await set.outcome({ claims: { email: 'ANN@clinic.example', picture: 'https://p.example/a' } })).toBe(
    'code',
  )
  const [user] = await db.selectFrom('user').selectAll().execute()
  const accounts = await db.selectFrom('account').selectAll().orderBy('providerId').execute()
  expect(accounts).toMatchObject([
    { providerId: 'credential', userId: user?.id },
    { providerId: set.there.issuer, accountId: 'sub-1', userId: user?.id },
  ])
  // Devices that are signed in are told what has changed.
  expect((await device.next('account')).account).toMatchObject({
    name: ann.name,
    picture: 'https://p.example/a',
  })
  expect(await auditOf(set)).toMatchObject([
    { what: 'issuer-linked', who: user?.id, issuer: set.there.issuer },
    { what: 'account-changed', who: user?.id, by: 'issuer', fields: 'picture' },
  ])
})

test('O3.3 an account whose address was never verified is linked to nobody: somebody else may wait in it', async () => {
  const set = await withHostile([ann])
  expect(await set.outcome({})).toBe('account-unverified')
  const db = await set.server.db()
  expect(await db.selectFrom('account').select('providerId').execute()).toEqual([
    { providerId: 'credential' },
  ])
  const user = await db.selectFrom('user').select('id').executeTakeFirstOrThrow()
  expect(await auditOf(set)).toEqual([{ what: 'issuer-refused', who: user.id, why: 'account-unverified' }])
})

test('O3.5 an address that the issuer has not verified, or says nothing of, is nobody’s', async () => {
  const { outcome } = await withHostile()
  for (const claims of [
    { email_verified: false },
    { email_verified: undefined },
    { email_verified: 'true' },
    { email_verified: 1 },
    { email: undefined },
    { email: '' },
    { email: 'ann' },
    { email: { $ne: 1 } },
    { email: 'ann@clinic.example\n' },
    { email: ' ann@clinic.example' },
    { email: 'ann@clinic.example\0' },
    { email: 'ann@ｃlinic.example' },
    { email: 'ａnn@clinic.example' },
    { email: 'ann@clinic.example, x@welcome.example' },
    { email: '"ann@clinic.example"@welcome.example' },
  ])
    expect(await outcome({ claims }), JSON.stringify(claims)).toBe('unverified-email')
})

test('O3.5 addresses are compared without folding anything but A–Z', () => {
  expect(comparableEmail('Ann@Clinic.EXAMPLE')).toBe('ann@clinic.example')
  // U+212A, the Kelvin sign, becomes a plain k in lower case.
  expect(comparableEmail('\u212aim@clinic.example')).toBeUndefined()
  expect(comparableEmail('ann@clin\u0131c.example')).toBeUndefined()
  expect(comparableEmail('ann@localhost')).toBeUndefined()
})

test('O3.7 a new account is made for a welcome domain only, and for none when no domain is', async () => {
  const set = await withHostile()
  expect(await set.outcome({ claims: { sub: 's', email: 'zoe@elsewhere.example' } })).toBe(
    'domain-not-allowed',
  )
  expect(await set.outcome({ claims: { sub: 's', email: 'zoe@sub.welcome.example' } })).toBe(
    'domain-not-allowed',
  )
  expect(await set.outcome({ claims: { sub: 's', email: 'zoe@notwelcome.example' } })).toBe(
    'domain-not-allowed',
  )
  expect(await set.outcome({ claims: { sub: 's', email: 'zoe@Welcome.example', name: 'Zoe' } })).toBe('code')
  const user = await (await set.server.db())
    .selectFrom('user')
    .selectAll()
    .where('email', '=', 'zoe@welcome.example')
    .executeTakeFirst()
  expect(user).toMatchObject({ name: 'Zoe', emailVerified: 1, username: null })
  expect((await auditOf(set)).at(-1)).toMatchObject({ what: 'issuer-account-made', who: user?.id })
  const none = await withHostile([], { OPENID_DOMAINS: '' })
  expect(await none.outcome({})).toBe('domain-not-allowed')
})

test('O3.12 where domains are named an address outside of them links nothing, and who is linked already stays', async () => {
  const set = await withHostile([{ ...ann, verified: true }])
  expect(await set.outcome({})).toBe('code')
  const db = await set.server.db()
  const elsewhere = 'ann@elsewhere.example'
  await db.updateTable('user').set({ email: elsewhere }).execute()
  expect(await set.outcome({ claims: { sub: 'another', email: elsewhere } })).toBe('domain-not-allowed')
  expect(await set.outcome({ claims: { email: elsewhere } }), 'the linked one').toBe('code')
  const linked = await db.selectFrom('account').select('accountId').where('password', 'is', null).execute()
  expect(linked).toEqual([{ accountId: 'sub-1' }])
  const { id } = await db.selectFrom('user').select('id').executeTakeFirstOrThrow()
  const refused = (await auditOf(set)).filter(({ what }) => what === 'issuer-refused')
  expect(refused).toEqual([{ what: 'issuer-refused', who: id, why: 'domain-not-allowed' }])
})

test('O3.12 where no domain is named a known address is linked, whatever its domain', async () => {
  const set = await withHostile([{ ...ann, verified: true }], { OPENID_DOMAINS: '' })
  expect(await set.outcome({})).toBe('code')
})

test('O3.13 who is linked is told by mail, in the transaction that links, and once', async () => {
  const set = await withHostile([{ ...ann, verified: true }], { OPENID_NAME: 'Clinic ID' })
  const db = await set.server.db()
  const mails = () => db.selectFrom('mail').select(['kind', 'to']).execute()
  await sql`create trigger full before insert on mail begin select raise(abort, 'not now'); end`.execute(db)
  expect(await set.outcome({})).toBe('page 500')
  expect(await db.selectFrom('account').select('id').where('password', 'is', null).execute()).toEqual([])
  await sql`drop trigger full`.execute(db)
  for (let n = 0; n < 2; n += 1) expect(await set.outcome({})).toBe('code')
  expect(await mails()).toMatchObject([{ kind: 'issuer-linked', to: ann.email }])
  const [mail] = await mailsTo(set.server, ann.email)
  expect(mail?.text).toContain('Clinic ID')
  expect(mail?.text).toContain('127.0.0.1')
  // An account that the issuer made has no other owner who could be told.
  expect(await set.outcome({ claims: { sub: 's', email: 'zoe@welcome.example' } })).toBe('code')
  expect(await mails()).toHaveLength(1)
})

test('O3.7 an account that was disabled is refused, linked already or not', async () => {
  const set = await withHostile([
    { ...ann, verified: true },
    { ...ben, verified: true },
  ])
  expect(await set.outcome({})).toBe('code')
  const db = await set.server.db()
  await db.updateTable('user').set({ disabledAt: 1 }).execute()
  expect(await set.outcome({})).toBe('account-disabled')
  expect(await set.outcome({ claims: { sub: 'other', email: ben.email } })).toBe('account-disabled')
  expect(await db.selectFrom('account').select('id').where('accountId', '=', 'other').execute()).toEqual([])
})

test('O3.1 the same sub at another issuer is somebody else', async () => {
  const set = await withHostile()
  const db = await set.server.db()
  await set.outcome({})
  await db
    .updateTable('account')
    .set({ providerId: 'https://another.example' })
    .where('accountId', '=', 'sub-1')
    .execute()
  expect(await set.outcome({ claims: { email: 'zoe@elsewhere.example' } })).toBe('domain-not-allowed')
})

test('O4.1 name, picture and language follow the issuer until a person has their own', () => {
  const taken = { name: 'Ann A.', picture: 'https://p.example/2', language: 'fr' } as const
  const last = { name: 'Ann', picture: 'https://p.example/1', language: 'de' }
  expect(followIssuer({ has: { ...last }, last }, taken)).toEqual({ has: taken, last: taken })
  const own = { name: 'Nan', picture: 'https://own.example/', language: 'es' }
  expect(followIssuer({ has: own, last }, taken)).toEqual({ has: own, last })
  const nothing = { name: null, picture: null, language: null }
  const fresh = { name: 'Ann Able', picture: null, language: null }
  expect(followIssuer({ has: fresh, last: nothing }, taken)).toEqual({
    has: { name: 'Ann Able', picture: taken.picture, language: 'fr' },
    last: { name: null, picture: taken.picture, language: 'fr' },
  })
  expect(followIssuer({ has: { ...last }, last }, nothing).has).toEqual({ ...last, picture: null })
})

test('O4.2 what cannot be shown, or is none of our languages, is not taken', () => {
  const profile = (name?: string, picture?: string, locale?: string) =>
    issuerProfileOf({ sub: 's', emailVerified: true, name, picture, locale })
  expect(profile(' Ann ', 'https://p.example/a.png', 'fr_CA')).toEqual({
    name: 'Ann',
    picture: 'https://p.example/a.png',
    language: 'fr',
  })
  for (const name of ['', ' ', 'x'.repeat(101), 'a\0b', 'a\u202eb', 'line\nline'])
    expect(profile(name).name, JSON.stringify(name)).toBeNull()
  for (const picture of [
    'http://p.example/a',
    'javascript:alert(1)',
    'data:image/png,x',
    '//p',
    `https://p/${'x'.repeat(2_000)}`,
  ])
    expect(profile(undefined, picture).picture, picture).toBeNull()
  for (const locale of ['xx', '', '../..']) expect(profile(undefined, undefined, locale).language).toBeNull()
})
