import { createTransport } from 'nodemailer'
import { isLoopback } from '../../protocol/loopback.ts'
import { longestTry, MailError, type MailTransport } from './mail-transport.ts'
import { mime } from './mime.ts'

/** Milliseconds. */
const policy = { connect: 10_000, silence: 30_000, whole: longestTry }

/**
 * Mails by SMTP, one connection each. With a user in the address the connection is encrypted, or no
 * password is sent.
 *
 * @param address `smtps://user:password@host:port`, or `smtp://` for a server that begins in the clear.
 */
export function createSmtpMail(address: string, from: string, wait = policy): MailTransport {
  const transport = openTransport(address, wait)
  return {
    async send(message) {
      const tooLong = AbortSignal.timeout(wait.whole)
      const late = new Promise<never>((_, reject) => {
        tooLong.addEventListener('abort', () => reject(new Error('the mail server took too long')))
      })
      late.catch(() => {})
      try {
        await Promise.race([transport.sendMail({ ...mime(message, from), signal: tooLong }), late])
      } catch (error) {
        throw mailErrorOf(error)
      }
    },
  }
}

/** Greets the mail server and logs in, and sends nothing. @throws MailError that says what it came to. */
export async function greetMailServer(address: string, wait = policy): Promise<void> {
  const transport = openTransport(address, wait)
  try {
    await transport.verify()
  } catch (error) {
    throw mailErrorOf(error)
  } finally {
    transport.close()
  }
}

function openTransport(address: string, wait: typeof policy) {
  const url = new URL(address)
  const secret = url.username !== ''
  return createTransport({
    url: address,
    // Nobody listens in on the way to one's own machine.
    requireTLS: secret && url.protocol === 'smtp:' && !isLoopback(url.hostname),
    connectionTimeout: wait.connect,
    greetingTimeout: wait.connect,
    dnsTimeout: wait.connect,
    socketTimeout: wait.silence,
  })
}

/** Only what a server says of this mail is final; what it says of us or our password can be mended. */
function mailErrorOf(error: unknown): MailError {
  const { code, command, responseCode } = detailsOf(error)
  const final = responseCode >= 500 && responseCode !== 503 && (command === 'RCPT TO' || command === 'DATA')
  const unsendable = code === 'EENVELOPE' && command === 'API'
  const where = command === '' ? '' : ` at ${command}`
  const answer = responseCode > 0 ? `: the mail server answered ${responseCode}` : ''
  const what = code === '' && error instanceof Error ? error.message : code
  return new MailError(final || unsendable ? 'permanent' : 'transient', `${what}${where}${answer}`)
}

/** Of an error's own message nothing is kept: a server may repeat in them what it was sent. */
function detailsOf(error: unknown) {
  const field = (name: string): unknown =>
    typeof error === 'object' && error !== null && name in error
      ? (error as Record<string, unknown>)[name]
      : undefined
  const [code, command, responseCode] = [field('code'), field('command'), field('responseCode')]
  return {
    code: typeof code === 'string' ? code : '',
    command: typeof command === 'string' ? command.split(' ', 2).join(' ') : '',
    responseCode: typeof responseCode === 'number' ? responseCode : 0,
  }
}
