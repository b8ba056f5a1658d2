import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import type { Log } from '../log.ts'
import { MailError, type MailTransport } from './mail-transport.ts'
import { mime } from './mime.ts'

/**
 * Mails as `.eml` files in a directory, and their links in the log: for a server that nobody has given a
 * mail server yet. A mail sent twice is one file.
 */
export function createFileMail(directory: string, from: string, log: Log): MailTransport {
  const builder = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  return {
    leftAs:
      'a mail was put into the outbox folder: no mail server is set (SMTP_URL), and it reaches nobody by itself',
    async send(message) {
      const time = new Date(message.madeAt).toISOString().slice(0, 19).replaceAll(':', '-')
      const file = join(directory, `${time}-${message.id}.eml`)
      try {
        const { message: bytes } = await builder.sendMail(mime(message, from))
        if (!Buffer.isBuffer(bytes)) throw new TypeError('the mail was not built')
        await mkdir(directory, { recursive: true, mode: 0o700 })
        await write(file, bytes)
      } catch (cause) {
        throw new MailError('transient', cause instanceof Error ? cause.message : String(cause))
      }
      log.info({ to: message.to, subject: message.subject, file, link: message.link }, 'a mail was written')
    },
  }
}

/** A file is there whole and for good, or not at all. */
async function write(path: string, bytes: Buffer): Promise<void> {
  const unfinished = `${path}.part`
  const file = await open(unfinished, 'w', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(unfinished, path)
}
