import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { onTestFinished } from 'vitest'

export interface MailServer {
  readonly host: string
  readonly port: number
  /** `smtp://127.0.0.1:PORT`. */
  readonly address: string
  /** What it took, in order. */
  readonly mails: readonly ParsedMail[]
  close(): Promise<void>
}

/** An answer of the protocol, such as 451 or 550. */
export const answer = (responseCode: number): Error => Object.assign(new Error('No.'), { responseCode })

/** A real SMTP server on a free port; it ends with the test. */
export async function startMailServer(options: SMTPServerOptions = {}, port = 0): Promise<MailServer> {
  const mails: ParsedMail[] = []
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 50,
    onData: (stream, _session, done) => {
      simpleParser(stream).then((mail) => {
        mails.push(mail)
        done()
      }, done)
    },
    ...options,
  })
  // A client that goes away in the middle is part of the tests.
  server.on('error', () => {})
  const listening = server.listen(port, '127.0.0.1')
  await once(listening, 'listening')
  const close = () => new Promise<void>((resolve) => server.close(resolve))
  onTestFinished(close)
  const at = (listening.address() as AddressInfo).port
  return { host: '127.0.0.1', port: at, address: `smtp://127.0.0.1:${at}`, mails, close }
}
