import { expect, test } from 'vitest'
import { enqueueMail } from '../../../server/mail/outbox.ts'
import { answer, startMailServer } from '../../support/mail/start-mail-server.ts'
import { startServer } from '../../support/server/start-server.ts'
import { asTestServer } from '../support/as-test-server.ts'
import {
  type InProcessServer,
  openTestDatabase,
  startInProcessServer,
  type TestServer,
} from '../support/in-process-server.ts'
import { mailsTo } from '../support/mailbox.ts'
import { ann, settle } from '../support/people.ts'

const changed = (userId: string, now: number) =>
  ({ kind: 'changed', values: { at: now }, to: ann.email, language: 'en', userId }) as const

const MAIL_FROM = 'Reachable <calls@clinic.example>'

const mailRow = async (server: Pick<InProcessServer, 'db'>) =>
  (await server.db()).selectFrom('mail').selectAll().executeTakeFirst()

async function enqueue(server: InProcessServer, now = server.clock.wall()) {
  const [userId = ''] = await settle(server, ann)
  await enqueueMail(await server.db(), changed(userId, now), now)
}

test('M4.1 a mail is there with what causes it, and without it not', async () => {
  const server = await startInProcessServer()
  const [userId = ''] = await settle(server, ann)
  const db = await server.db()
  const failing = db.transaction().execute(async (transaction) => {
    await enqueueMail(transaction, changed(userId, 1), server.clock.wall())
    throw new Error('on purpose')
  })
  await expect(failing).rejects.toThrow('on purpose')
  expect(await mailRow(server)).toBeUndefined()
  await enqueueMail(db, changed(userId, 1), server.clock.wall())
  expect((await mailsTo(server, ann.email))[0]?.subject).toBe('Your password was changed')
})

test('M4.2 once it was sent, the database no longer knows what a mail said', async () => {
  const server = await startInProcessServer()
  await enqueue(server)
  await mailsTo(server, ann.email)
  await expect
    .poll(() => mailRow(server))
    .toMatchObject({ values: null, nextAt: null, failed: null, sentAt: expect.any(Number), tries: 1 })
})

test('M4.3 a mail waits for a mail server that is away, and leaves when it is back', async () => {
  const away = await startMailServer()
  await away.close()
  const server = await startInProcessServer({ env: { SMTP_URL: away.address, MAIL_FROM } })
  await enqueue(server)
  await expect.poll(() => mailRow(server)).toMatchObject({ tries: 1, failed: expect.stringMatching(/CONN/) })
  const back = await startMailServer({}, away.port)
  await expect
    .poll(
      () => {
        server.clock.advance(5_000)
        return back.mails.length
      },
      { timeout: 10_000 },
    )
    .toBe(1)
  expect(back.mails[0]?.from?.text).toContain('calls@clinic.example')
})

test('M4.4 a mail that is refused for good is recorded and not tried again', async () => {
  let tries = 0
  const refusing = await startMailServer({
    onRcptTo: (_, __, done) => {
      tries += 1
      done(answer(550))
    },
  })
  const server = await startInProcessServer({ env: { SMTP_URL: refusing.address, MAIL_FROM } })
  await enqueue(server)
  await expect
    .poll(() => mailRow(server))
    .toMatchObject({ nextAt: null, sentAt: null, values: null, failed: expect.stringContaining('550') })
  server.clock.advance(2 * 3_600_000)
  const [userId = ''] = await settle(server, { ...ann, username: 'eve', email: 'eve@clinic.example' })
  await enqueueMail(
    await server.db(),
    { ...changed(userId, 1), to: 'eve@clinic.example' },
    server.clock.wall(),
  )
  await expect.poll(() => tries).toBe(2)
})

test('M4.4 a mail that nobody would want any more is not sent', async () => {
  const server = await startInProcessServer()
  const [userId = ''] = await settle(server, ann)
  const db = await server.db()
  const now = server.clock.wall()
  await enqueueMail(db, { ...changed(userId, now), uselessAt: now - 1 }, now)
  await expect.poll(() => mailRow(server)).toMatchObject({ nextAt: null, sentAt: null, values: null })
})

test('M4.6 with a person go the mails to them', async () => {
  const server = await startInProcessServer({ env: { SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM } })
  await enqueue(server)
  const db = await server.db()
  await db.deleteFrom('user').execute()
  expect(await mailRow(server)).toBeUndefined()
})

test('M4.3 a server that is killed with a mail half delivered sends it again, and it is still the same mail', async () => {
  let taken: () => void = () => {}
  const ids: (string | undefined)[] = []
  const first = new Promise<void>((resolve) => {
    taken = resolve
  })
  const mailServer = await startMailServer({
    onData: (stream, _, done) => {
      let text = ''
      stream.on('data', (chunk: Buffer) => {
        text += chunk
      })
      stream.on('end', () => {
        ids.push(/^Message-ID: *(\S+)/im.exec(text)?.[1])
        // The first is kept by us, but the server that sent it never hears so.
        if (ids.length === 1) taken()
        else done()
      })
    },
  })
  const child = await startServer({ SMTP_URL: mailServer.address, MAIL_FROM })
  await enqueueInto(child.dataDir, asTestServer(child))
  await first
  await child.kill()
  await child.restart()
  await expect.poll(() => ids.length, { timeout: 15_000 }).toBe(2)
  expect(ids[0]).toMatch(/^<[0-9a-f-]{36}@clinic\.example>$/)
  expect(ids[1]).toBe(ids[0])
  const db = await openTestDatabase(child.dataDir)
  await expect
    .poll(() => db.selectFrom('mail').select(['sentAt', 'nextAt']).executeTakeFirst())
    .toMatchObject({
      sentAt: expect.any(Number),
      nextAt: null,
    })
})

async function enqueueInto(dataDir: string, server: TestServer) {
  const [userId = ''] = await settle(server, ann)
  await enqueueMail(await openTestDatabase(dataDir), changed(userId, Date.now()), Date.now())
}

test('M1.8 a mail server that hangs holds up neither the server nor its end', async () => {
  let connected = 0
  const hanging = await startMailServer({
    onConnect: () => {
      connected += 1
    },
  })
  const server = await startInProcessServer({ env: { SMTP_URL: hanging.address, MAIL_FROM } })
  await enqueue(server)
  await expect.poll(() => connected).toBe(1)
  expect((await fetch(`${server.url}/ready`)).status).toBe(200)
  const began = performance.now()
  await server.close()
  expect(performance.now() - began).toBeLessThan(2_000)
})
