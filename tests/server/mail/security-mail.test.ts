import { expect, test } from 'vitest'
import { enqueueOperatorMail, enqueueSecurityMail } from '../../../server/accounts/security-mail.ts'
import { anonymizeUser, changeUser } from '../../../server/accounts/user-rows.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { mailsTo } from '../support/mailbox.ts'
import { ann, sessionOf, settle } from '../support/people.ts'

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const from = { address: '192.0.2.7' }

test('M3.5 a person is told of a tried token, once a day of a session and once an hour, and of nothing undone', async () => {
  const server = await startInProcessServer()
  const [userId = ''] = await settle(server, ann)
  for (const device of ['device-1', 'device-2']) await sessionOf(server, ann, device)
  const db = await server.db()
  await db.updateTable('device').set({ label: firefox }).execute()
  const ids = (await db.selectFrom('device').select('sessionId').orderBy('device').execute()).map(
    (row) => row.sessionId,
  )
  const tell = (n: number, at: number) =>
    enqueueSecurityMail(db, { userId, event: 'token-tried', sessionId: ids[n] ?? '', at, from }, at)
  const began = server.clock.wall()
  const failing = db.transaction().execute(async (transaction) => {
    const event = { userId, event: 'token-tried', sessionId: ids[0] ?? '', at: 1, from } as const
    expect(await enqueueSecurityMail(transaction, event, began)).toBe(true)
    throw new Error('on purpose')
  })
  await expect(failing).rejects.toThrow('on purpose')
  const told = [
    await tell(0, began),
    await tell(0, began + 1),
    await tell(1, began + 3_599_999),
    await tell(1, began + 3_600_001),
    await tell(0, began + 24 * 3_600_000 - 1),
    await tell(0, began + 24 * 3_600_000),
    // Of no session there is nothing to tell.
    await enqueueSecurityMail(db, { userId, event: 'token-tried', sessionId: 'none', at: 1 }, began),
  ]
  expect(told).toEqual([true, false, false, true, false, true, false])
  const [mail] = await mailsTo(server, ann.email, 2)
  expect(mail?.subject).toBe('Someone tried to use your login')
  expect(mail?.text).toContain('From the address: 192.0.2.7')
  expect(mail?.text).toContain('without the key that belongs to it')
  expect(mail?.text).toContain('“Firefox, Linux”')
  expect(mail?.text).not.toContain('copied')
  server.clock.advance(24 * 3_600_000)
  await mailsTo(server, ann.email, 3)
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
  await enqueueOperatorMail(db, 'op@clinic.example', { event: 'disk-low', at, free: 262_144_000 }, at)
  const created = { event: 'api-key-created', at, key: 'Ward 3', scope: 'calls' } as const
  await enqueueOperatorMail(db, 'op@clinic.example', created, at)
  await changeUser(db, userId, { language: 'de' }, at)
  await enqueueOperatorMail(db, ann.email, { event: 'api-key-revoked', at, key: 'Ward 3' }, at)
  const told = (await mailsTo(server, 'op@clinic.example', 2)).map(({ subject }) => subject)
  expect(told.sort()).toEqual(['An API key was made', 'The disk of your Reachable server runs low'])
  const [low] = (await mailsTo(server, 'op@clinic.example', 2)).filter(({ subject }) =>
    subject?.includes('disk'),
  )
  expect(low?.text).toContain('250')
  expect((await mailsTo(server, ann.email))[0]?.subject).toBe('Ein API-Schlüssel wurde widerrufen')
})
