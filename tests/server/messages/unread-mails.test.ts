import { expect, test } from 'vitest'
import { sendFromClinic } from '../../../server/messages/clinic-messages.ts'
import { messageRequests } from '../../../server/messages/message-requests.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { expectNoMailTo, mailsTo } from '../support/mailbox.ts'
import { ann, ben, settle } from '../support/people.ts'

const minute = 60_000

/** A server where ben and the clinic's system wrote to ann, who has read nothing. */
async function unread(change: { mailUnread?: number; mailNames?: number; language?: string } = {}) {
  const server = await startInProcessServer()
  const [annId = '', benId = ''] = await settle(server, ann, ben)
  const db = await server.db()
  if (Object.keys(change).length > 0)
    await db.updateTable('user').set(change).where('id', '=', annId).execute()
  for (const [userId, id] of [
    [annId, benId],
    [benId, annId],
  ] as const)
    await db
      .insertInto('contact')
      .values({ userId, id, otherId: id, relation: 'contact', since: 1 })
      .execute()
  const dependencies = { db, clock: server.clock, bus: { publish: () => {} } }
  const { send, read } = messageRequests(dependencies)
  const asker = (userId: string) => ({ userId, device: 'd', connection: 'c' })
  for (const text of ['a secret', 'another'])
    await send(asker(benId), { what: 'send', contact: annId, key: text, text })
  await sendFromClinic(dependencies, { to: annId, key: 'note', text: 'from the clinic' })
  return {
    server,
    readAll: async () => {
      await read(asker(annId), { what: 'read', contact: benId, until: 2 })
      await read(asker(annId), { what: 'read', contact: 'clinic', until: 1 })
    },
    writeBack: () => send(asker(annId), { what: 'send', contact: benId, key: 'back', text: 'thanks' }),
  }
}

test('PM6.1 PM6.3 what stayed unread is one mail, which names nobody and says nothing of what was written', async () => {
  const { server } = await unread()
  server.clock.advance(10 * minute)
  const [mail] = await mailsTo(server, ann.email)
  expect(mail?.subject).toBe('You have 3 unread messages')
  expect(mail?.text).toContain('3 messages for you have not been read yet.')
  for (const hidden of ['Ben', 'secret', 'clinic']) expect(`${mail?.text}`).not.toContain(hidden)
  server.clock.advance(60 * minute)
  await mailsTo(server, ann.email, 1)
})

test('PM6.3 who wrote is named for whoever allows it, in the language that they chose', async () => {
  const { server } = await unread({ mailNames: 1, language: 'de' })
  server.clock.advance(10 * minute)
  const [mail] = await mailsTo(server, ann.email)
  expect(mail?.subject).toBe('Sie haben 3 ungelesene Nachrichten')
  expect(mail?.text?.match(/^\* .*/gm)).toEqual(['* Ben Baker: 2 Nachrichten'])
  expect(mail?.text).not.toContain('secret')
})

test('PM6.2 who wants no such mails gets none, nor who has read all meanwhile', async () => {
  for (const setting of [{ mailUnread: 0 }, {}]) {
    const { server, readAll, writeBack } = await unread(setting)
    if (setting.mailUnread === undefined) await readAll()
    await writeBack()
    server.clock.advance(10 * minute)
    // Once ben's mail has come, ann's would have.
    await mailsTo(server, ben.email)
    await expectNoMailTo(server, ann.email)
  }
})
