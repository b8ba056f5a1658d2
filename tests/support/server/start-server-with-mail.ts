import { startMailServer } from '../mail/start-mail-server.ts'
import { startServer } from './start-server.ts'

/** A server that sends its mails by a real mail server, which stands beside it. */
export async function startServerWithMail(more: Readonly<Record<string, string>> = {}) {
  const mail = await startMailServer()
  const sender = 'Reachable <reachable@clinic.example>'
  return { mail, server: await startServer({ SMTP_URL: mail.address, MAIL_FROM: sender, ...more }) }
}
