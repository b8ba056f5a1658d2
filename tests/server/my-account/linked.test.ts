import { expect, test } from 'vitest'
import { withHostile } from '../openid/with-hostile.ts'
import { textOf } from '../support/html-pages.ts'
import { ann, sessionOf } from '../support/people.ts'
import { openAccount } from './at-account.ts'

test('W10.1 the address shown is the one at the issuer, whatever the account’s own is', async () => {
  const { server, outcome } = await withHostile()
  expect(await outcome({ claims: { email: 'ANN@clinic.example' } })).toBe('code')
  const db = await server.db()
  await db
    .updateTable('user')
    .set({ email: 'ann.new@clinic.example' })
    .where('email', '=', ann.email)
    .execute()
  const token = await sessionOf(server, { ...ann, email: 'ann.new@clinic.example' }, 'device-1')
  const pages = await openAccount(server, token)
  expect(await textOf(await pages.getPage())).toContain('Linked with ann@clinic.example at')
  await pages.sendForm('/account/unlink', { password: ann.password })
  expect(await textOf(await pages.getPage())).not.toContain('Linked with')
})
