import { expect, test } from 'vitest'
import { invite } from '../../../server/accounts/invite.ts'
import { sendForm } from '../support/html-pages.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { linkIn, mailsTo } from '../support/mailbox.ts'
import { ann, idOf, settle } from '../support/people.ts'

test('Y1.8 asking, resetting, inviting and signing up are on record, with who and from where and no secret', async () => {
  const server = await startInProcessServer()
  const [annId] = await settle(server, ann)
  const db = await server.db()
  await sendForm(server, '/password/forgot', { login: 'Not-a-name-but-my-Password-1' })
  await sendForm(server, '/password/forgot', { login: 'ann' })
  const reset = linkIn(await mailsTo(server, ann.email))
  await sendForm(server, reset, { password: 'Correct-horse-9', again: 'Correct-horse-9' })
  await invite(db, { email: 'zoe@clinic.example', name: null, language: 'en' }, server.clock.wall())
  const join = linkIn(await mailsTo(server, 'zoe@clinic.example'))
  const zoe = { username: 'zoe', name: 'Zoë', password: 'Correct-horse-9', again: 'Correct-horse-9' }
  await sendForm(server, join, zoe)
  const zoeId = await idOf(server, 'zoe@clinic.example')
  const entries = await db.selectFrom('audit').selectAll().orderBy('id').execute()
  const from = expect.stringMatching(/127\.0\.0\.1|::1/)
  expect(entries).toMatchObject([
    { what: 'reset-asked', who: null, address: from },
    { what: 'reset-asked', who: annId, address: from },
    { what: 'reset-done', who: annId, address: from },
    { what: 'invited', who: null, address: null, detail: '{"by":"operator"}' },
    { what: 'signed-up', who: zoeId, address: from },
  ])
  const record = JSON.stringify(entries)
  for (const secret of ['my-Password', 'Correct-horse', reset.split('/').at(-1), join.split('/').at(-1)])
    expect(record.toLowerCase()).not.toContain(secret?.toLowerCase())
})
