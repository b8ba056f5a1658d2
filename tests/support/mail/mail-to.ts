import type { ParsedMail } from 'mailparser'
import { vi } from 'vitest'
import type { MailServer } from './start-mail-server.ts'

const addressOf = ({ to }: ParsedMail) => [to].flat()[0]?.value[0]?.address

/** Waits until the mail server takes a mail for an address: the first, or the first with a subject. @returns it. */
export const mailTo = (server: MailServer, address: string, subject?: string): Promise<ParsedMail> =>
  vi.waitFor(
    () => {
      const mail = server.mails.find(
        (one) => addressOf(one) === address && (subject === undefined || one.subject === subject),
      )
      if (!mail) throw new Error(`There is no mail ${subject ?? ''} to ${address}`)
      return mail
    },
    { timeout: 30_000 },
  )

/** The link that a mail is about, as its text has it. */
export function linkIn({ text, html }: ParsedMail): string {
  const link = text?.match(/http\S+\/(?:password\/reset|invitation|sign-up)\/\S+/)?.[0]
  if (!link) throw new Error(`There is no link in: ${text}`)
  if (!String(html).includes(link)) throw new Error('The link in the HTML is another one')
  return link
}
