import * as v from 'valibot'
import type { ReadFrom } from '../environment.ts'

const isMailServer = (text: string) => {
  if (!/^smtps?:\/\//i.test(text) || !URL.canParse(text)) return false
  const { hostname, pathname, search, hash } = new URL(text)
  return hostname !== '' && pathname.replace('/', '') === '' && search === '' && hash === ''
}

/** `name@host`, or a name and the same in angle brackets. */
const isSender = (text: string) => /^([^<>\r\n]+<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/.test(text)

const isMailbox = (text: string) => /^[^<>@\s,;"]{1,64}@[^<>@\s,;"]{1,190}$/.test(text)

/** What the environment says about mails; see README. */
export const mailEnvironment = {
  SMTP_URL: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      // The value may hold a password, so no message repeats it.
      v.check(
        isMailServer,
        'SMTP_URL must be the address of a mail server: smtps://user:password@mail.example:465.',
      ),
    ),
  ),
  MAIL_FROM: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.check(isSender, 'MAIL_FROM must be an address to send from: Reachable <reachable@clinic.example>.'),
    ),
  ),
  OPERATOR_EMAIL: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.toLowerCase(),
      v.check(isMailbox, 'OPERATOR_EMAIL must be one email address: operator@clinic.example.'),
    ),
  ),
} as const

export interface MailConfig {
  /** May hold a password. Without it mails are files. */
  readonly smtpUrl?: string | undefined
  readonly mailFrom: string
  /** Who is told of what the operator should know. */
  readonly operatorEmail?: string | undefined
}

export const mailConfig = (environment: ReadFrom<typeof mailEnvironment>): MailConfig => ({
  smtpUrl: environment.SMTP_URL,
  mailFrom: environment.MAIL_FROM ?? 'Reachable <reachable@localhost>',
  operatorEmail: environment.OPERATOR_EMAIL,
})

export const senderRule =
  'MAIL_FROM must say whom mails are from when SMTP_URL is set: Reachable <reachable@clinic.example>.'
