import { createServer } from 'node:net'
import type { SMTPServerOptions } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import { MailError } from '../../server/mail/mail-transport.ts'
import { createSmtpMail } from '../../server/mail/smtp-mail.ts'
import { answer, startMailServer } from '../support/mail/start-mail-server.ts'
import { aMessage, mailContract, sender } from './mail-contract.ts'

mailContract(async () => {
  const server = await startMailServer()
  return {
    mail: createSmtpMail(server.address, sender),
    arrived: async () => server.mails,
    breakDelivery: () => server.close(),
  }
})

const errorOf = (address: string, wait?: Parameters<typeof createSmtpMail>[2]): Promise<unknown> =>
  createSmtpMail(address, sender, wait)
    .send(aMessage())
    .then(
      () => 'sent',
      (error: unknown) => error,
    )

const refusing = {
  'the sender, for good': [{ onMailFrom: (_, __, done) => done(answer(550)) }, 'transient'],
  'the recipient, for now': [{ onRcptTo: (_, __, done) => done(answer(450)) }, 'transient'],
  'the recipient, for good': [{ onRcptTo: (_, __, done) => done(answer(550)) }, 'permanent'],
  'the mail, for now': [
    { onData: (stream, _, done) => void stream.on('end', () => done(answer(451))).resume() },
    'transient',
  ],
  'the mail, for good': [
    { onData: (stream, _, done) => void stream.on('end', () => done(answer(554))).resume() },
    'permanent',
  ],
  'every connection': [{ onConnect: (_, done) => done(answer(554)) }, 'transient'],
} satisfies Record<string, [SMTPServerOptions, MailError['kind']]>

test.each(Object.entries(refusing))(
  'M1.4 only what a mail server says of the mail itself is final: it refuses %s',
  async (_, [options, kind]) => {
    const { address } = await startMailServer(options)
    const error = await errorOf(address)
    expect(error).toBeInstanceOf(MailError)
    expect(error).toMatchObject({ kind, message: expect.stringMatching(/the mail server answered \d{3}/) })
  },
)

test('M1.4 a mail server that dies in the middle of a mail may be tried again', async () => {
  const server = await startMailServer({
    onData: (stream) => void stream.once('data', () => server.close()),
  })
  expect(await errorOf(server.address)).toMatchObject({ name: 'MailError', kind: 'transient' })
})

test('M1.8 a mail server that says nothing, or dawdles for ever, is left after a while', async () => {
  const sockets = createServer((socket) => {
    socket.on('error', () => {})
    // A word now and then, so that it is never silent for long.
    const timer = setInterval(() => socket.write('220-still here\r\n'), 50)
    socket.on('close', () => clearInterval(timer))
  })
  await new Promise<void>((resolve) => sockets.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void sockets.close())
  const hanging = await startMailServer({ onData: (stream) => void stream.resume() })
  const wait = { connect: 300, silence: 300, whole: 900 }
  const at = sockets.address()
  const dawdling = `smtp://127.0.0.1:${typeof at === 'object' ? at?.port : 0}`
  for (const address of [hanging.address, dawdling]) {
    const began = performance.now()
    expect(await errorOf(address, wait)).toMatchObject({ name: 'MailError', kind: 'transient' })
    expect(performance.now() - began).toBeLessThan(3_000)
  }
})

test('M1.9 the password opens the mail server, and is in no error when it does not', async () => {
  const { port, mails } = await startMailServer({
    authOptional: false,
    onAuth: ({ username, password }, _, done) =>
      username === 'calls' && password === 'p@ss/word'
        ? done(null, { user: username })
        : done(new Error(`wrong: ${password}`)),
  })
  expect(await errorOf(`smtp://calls:p%40ss%2Fword@127.0.0.1:${port}`)).toBe('sent')
  expect(mails).toHaveLength(1)
  const error = await errorOf(`smtp://calls:hunter2@127.0.0.1:${port}`)
  expect(error).toMatchObject({ kind: 'transient' })
  expect(String(error)).not.toContain('hunter2')
})

test('M1.9 a mail server whose certificate nobody vouches for gets neither mail nor password', async () => {
  const tried: unknown[] = []
  const { port, mails } = await startMailServer({
    secure: true,
    onAuth: (auth, _, done) => {
      tried.push(auth.password)
      done(null, { user: 'calls' })
    },
  })
  expect(await errorOf(`smtps://calls:secret@127.0.0.1:${port}`)).toMatchObject({ kind: 'transient' })
  expect([tried, mails]).toEqual([[], []])
})
