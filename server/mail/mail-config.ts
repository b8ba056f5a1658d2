import * as v from 'valibot'

const domain = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i

const isMailServer = (text: string) => {
  if (!/^smtps?:\/\//i.test(text) || !URL.canParse(text)) return false
  const { hostname, pathname, search, hash } = new URL(text)
  return hostname !== '' && pathname.replace('/', '') === '' && search === '' && hash === ''
}

/** `name@host`, or a name and the same in angle brackets. */
const isSender = (text: string) => /^([^<>\r\n]+<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/.test(text)

/** What the environment says about mails and who may have an account; see README. */
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
  MISSED_MAIL_AFTER: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.regex(/^\d{1,5}$/, 'MISSED_MAIL_AFTER must be a whole number of seconds from 0 to 86400.'),
      v.transform(Number),
      v.maxValue(86_400, 'MISSED_MAIL_AFTER must be a whole number of seconds from 0 to 86400.'),
    ),
    '600',
  ),
  SIGN_UP: v.optional(
    v.pipe(
      v.picklist(['on', 'off', '1', '0'], 'SIGN_UP must be on or off.'),
      v.transform((text) => text === 'on' || text === '1'),
    ),
    'off',
  ),
  SIGN_UP_DOMAINS: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) =>
        text
          .split(',')
          .map((part) => part.trim().toLowerCase().replace(/^@/, ''))
          .filter((part) => part !== ''),
      ),
      v.check(
        (domains) => domains.every((part) => domain.test(part)),
        'SIGN_UP_DOMAINS must be domains with commas between: clinic.example,hospital.example.',
      ),
    ),
    '',
  ),
} as const

type Output = v.InferOutput<v.ObjectSchema<typeof mailEnvironment, undefined>>

export interface MailConfig {
  /** May hold a password. Without it mails are files. */
  readonly smtpUrl?: string | undefined
  readonly mailFrom: string
  /** Milliseconds that missed calls wait for each other before they are mailed. */
  readonly missedMailAfter: number
  /** Whose addresses may sign up by themselves: of any domain, of these, or nobody's. */
  readonly signUp: 'off' | 'anyone' | readonly string[]
}

export const mailConfig = (given: Output): MailConfig => ({
  smtpUrl: given.SMTP_URL,
  mailFrom: given.MAIL_FROM ?? 'Reachable <reachable@localhost>',
  missedMailAfter: given.MISSED_MAIL_AFTER * 1_000,
  signUp: !given.SIGN_UP ? 'off' : given.SIGN_UP_DOMAINS.length > 0 ? given.SIGN_UP_DOMAINS : 'anyone',
})

export const senderRule =
  'MAIL_FROM must say whom mails are from when SMTP_URL is set: Reachable <reachable@clinic.example>.'
