import { expect, test } from 'vitest'
import { enqueueOperatorMail, enqueueSecurityMail } from '../../../server/accounts/security-mail.ts'
import { anonymizeUser, changeUser } from '../../../server/accounts/user-rows.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { mailsTo } from '../support/mailbox.ts'
import { ann, settle } from '../support/people.ts'

const from = { address: '192.0.2.7' }

test('M3.5 a person is told of a tried token, once an hour, and of nothing that was undone', async () => {
  const server = await startInProcessServer()
  const [userId = ''] = await settle(server, ann)
  const db = await server.db()
  const tell = (now: number) =>
    enqueueSecurityMail(
      db,
      { userId, event: 'token-tried', at: now, from, detail: { device: 'Firefox on Linux' } },
      now,
    )
  const failing = db.transaction().execute(async (transaction) => {
    await enqueueSecurityMail(transaction, { userId, event: 'token-tried', at: 1, from }, server.clock.wall())
    throw new Error('on purpose')
  })
  await expect(failing).rejects.toThrow('on purpose')
  const began = server.clock.wall()
  await tell(began)
  await tell(began + 1)
  await tell(began + 3_599_999)
  const [mail] = await mailsTo(server, ann.email)
  expect(mail?.subject).toBe('Someone tried to use your sign-in')
  expect(mail?.text).toContain('From the address: 192.0.2.7')
  expect(mail?.text).toContain('“Firefox on Linux”')
  await tell(began + 3_600_001)
  server.clock.advance(3_600_001)
  await mailsTo(server, ann.email, 2)
})

test('M3.5 each is told what concerns them, in their language, and nobody whose account is deleted', async () => {
  const server = await startInProcessServer()
  const [userId = ''] = await settle(server, ann)
  const db = await server.db()
  const now = server.clock.wall()
  await changeUser(db, userId, { language: 'fr' }, now)
  const linked = { userId, event: 'issuer-linked', at: now, from, detail: { issuer: 'Google' } } as const
  await enqueueSecurityMail(db, linked, now)
  await enqueueSecurityMail(db, { userId, event: 'account-added', at: now }, now)
  const told = (await mailsTo(server, ann.email, 2)).map(({ subject }) => subject)
  expect(told.sort()).toEqual([
    'Un compte chez Google peut se connecter à votre place',
    'Vous avez un compte Reachable',
  ])
  await anonymizeUser(db, userId, now)
  await enqueueSecurityMail(db, linked, now)
  const { count } = await db
    .selectFrom('mail')
    .select((e) => e.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  expect(count).toBe(2)
})

test('M3.6 the operator is told where there is an address, in the language of its account', async () => {
  const server = await startInProcessServer()
  const [userId = ''] = await settle(server, ann)
  const db = await server.db()
  const at = server.clock.wall()
  await enqueueOperatorMail(db, undefined, { event: 'disk-low', at, free: 1 }, at)
  expect(await db.selectFrom('mail').select('id').execute()).toEqual([])
  await enqueueOperatorMail(db, 'op@clinic.example', { event: 'disk-low', at, free: 250_000_000 }, at)
  const created = { event: 'api-key-created', at, key: 'Ward 3', scope: 'calls' } as const
  await enqueueOperatorMail(db, 'op@clinic.example', created, at)
  await changeUser(db, userId, { language: 'de' }, at)
  await enqueueOperatorMail(db, ann.email, { event: 'api-key-revoked', at, key: 'Ward 3' }, at)
  const told = (await mailsTo(server, 'op@clinic.example', 2)).map(({ subject }) => subject)
  expect(told.sort()).toEqual(['An API key was made', 'The disk of your Reachable server runs low'])
  expect((await mailsTo(server, ann.email))[0]?.subject).toBe('Ein API-Schlüssel wurde widerrufen')
})
