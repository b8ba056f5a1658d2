import type { SendMailOptions } from 'nodemailer'
import type { Message } from './mail-transport.ts'

/** A message as nodemailer wants it: two ways to read it, and an id that is the same at every try. */
export function mime(message: Message, from: string): SendMailOptions {
  const { id, to, subject, text, html, language, madeAt } = message
  return {
    from,
    // Not parsed: one address stays one address, whatever is in it.
    to: { name: '', address: to },
    subject,
    text,
    html,
    date: new Date(madeAt),
    messageId: `<${id}@${domainOf(from)}>`,
    headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': language },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

const domainOf = (from: string) => /@([a-z0-9.-]+)>?\s*$/i.exec(from)?.[1] ?? 'localhost'
