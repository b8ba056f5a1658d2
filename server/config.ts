import { resolve } from 'node:path'
import * as v from 'valibot'
import { chromiumId } from '../protocol/extension.ts'
import { ringFor } from '../protocol/timing.ts'
import type { SessionLifetimes } from './accounts/session-lifetimes.ts'
import { type MailConfig, mailConfig, mailEnvironment, senderRule } from './mail/mail-config.ts'
import { type OpenIdConfig, openIdConfig, openIdEnvironment } from './openid/openid-config.ts'
import { StartupError } from './startup-error.ts'

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const wholeNumber = (low: number, high: number, what: string) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^\d{1,9}$/, what),
    v.transform(Number),
    v.minValue(low, what),
    v.maxValue(high, what),
  )

const isWebAddress = (text: string) => /^https?:\/\//i.test(text) && URL.canParse(text)
const isOrigin = (text: string) => /^[a-z][a-z0-9+.-]*:\/\/[^/\s]+$/i.test(text)

const portRule = 'PORT must be a whole number from 0 to 65535 (0 lets the system choose).'
const daysRule = 'SESSION_DAYS must be a whole number of days from 1 to 400.'
const hoursRule = 'SESSION_HOURS must be a whole number of hours from 1 to 720.'
const ringRule = 'RING_FOR must be a whole number of seconds from 1 to 600.'

const environment = v.object({
  PORT: v.optional(wholeNumber(0, 65_535, portRule), '8787'),
  HOST: v.optional(
    v.pipe(v.string(), v.trim(), v.regex(/^[^\s/]+$/, 'HOST must be a host name or an address.')),
    '127.0.0.1',
  ),
  DATA_DIR: v.optional(
    v.pipe(v.string(), v.trim(), v.nonEmpty('DATA_DIR must name a directory, or be left out for ./data.')),
    './data',
  ),
  PUBLIC_URL: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.check(
        (text) => isWebAddress(text) && new URL(text).pathname === '/' && !/[?#]/.test(text),
        'PUBLIC_URL must be the address people reach this server at, without a path: https://reachable.example.',
      ),
      v.transform((text) => new URL(text).origin),
    ),
  ),
  ROOM_URL: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.check(
        (text) => text.includes('{room}') && isWebAddress(text.replaceAll('{room}', 'room')),
        'ROOM_URL must be a web address with {room} in it: https://meet.example/{room}.',
      ),
      v.maxLength(1_500, 'ROOM_URL must not be longer than 1500 characters.'),
    ),
  ),
  EXTENSION_ORIGINS: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) =>
        text
          .split(',')
          .map((part) => part.trim().toLowerCase())
          .filter((part) => part !== ''),
      ),
      v.check(
        (origins) => origins.every(isOrigin),
        'EXTENSION_ORIGINS must be origins with commas between: chrome-extension://abcdefghijklmnop.',
      ),
    ),
    '',
  ),
  RING_FOR: v.optional(wholeNumber(1, 600, ringRule), String(ringFor / 1_000)),
  LOG_LEVEL: v.optional(v.picklist(logLevels, `LOG_LEVEL must be one of ${logLevels.join(', ')}.`), 'info'),
  AUTH_SECRET: v.optional(
    v.pipe(v.string(), v.minLength(32, 'AUTH_SECRET must have at least 32 characters, chosen at random.')),
  ),
  TRUST_PROXY: v.optional(
    v.pipe(
      v.picklist(['0', '1', 'false', 'true', 'off', 'on'], 'TRUST_PROXY must be 1 or 0.'),
      v.transform((text) => text === '1' || text === 'true' || text === 'on'),
    ),
    '0',
  ),
  DEMO_ACCOUNTS: v.optional(
    v.pipe(
      v.picklist(['0', '1'], 'DEMO_ACCOUNTS must be 1 or 0.'),
      v.transform((text) => text === '1'),
    ),
    '0',
  ),
  SESSION_DAYS: v.optional(wholeNumber(1, 400, daysRule), '30'),
  SESSION_HOURS: v.optional(wholeNumber(1, 720, hoursRule), '12'),
  ...openIdEnvironment,
  ...mailEnvironment,
})

/** What only two values together show to be wrong. */
const wholeEnvironment = v.pipe(
  environment,
  v.partialCheck(
    [['SMTP_URL'], ['MAIL_FROM']],
    ({ SMTP_URL, MAIL_FROM }) => SMTP_URL === undefined || MAIL_FROM !== undefined,
    senderRule,
  ),
)

export interface Config extends MailConfig {
  /** 0 lets the system choose. */
  readonly port: number
  readonly host: string
  /** Absolute. Holds the database, the secret, and what the commands need. */
  readonly dataDir: string
  /** Without a slash at its end; by default made of the host and the real port. */
  readonly publicUrl?: string | undefined
  /** With `{room}` where the room's token goes; by default the server's own page. */
  readonly roomUrl?: string | undefined
  /** Origins of extensions allowed besides our own, in lower case. */
  readonly extensionOrigins: readonly string[]
  /** Milliseconds. */
  readonly ringFor: number
  readonly logLevel: (typeof logLevels)[number]
  /** By default made once and kept in `dataDir`. */
  readonly authSecret?: string | undefined
  /** Whether `X-Forwarded-For` tells who is asking. */
  readonly trustProxy: boolean
  readonly demoAccounts: boolean
  readonly sessionLifetimes: SessionLifetimes
  /** Undefined while nobody can sign in at an issuer. */
  readonly openId?: OpenIdConfig | undefined
}

/** The Chromium id that every build but a store's has; Firefox gives each profile an id of its own. */
export const builtInOrigins = {
  exact: `chrome-extension://${chromiumId}`,
  pattern: /^moz-extension:\/\/[0-9a-f-]{36}$/,
}

/**
 * Reads the configuration out of an environment. An empty value counts as none.
 *
 * @throws StartupError that names every fault at once.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, cwd = process.cwd()): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()))
  const result = v.safeParse(wholeEnvironment, given)
  if (!result.success) {
    const errors = result.issues.map((issue) => `  - ${issue.message}`)
    throw new StartupError(`The configuration has to be corrected first:\n${errors.join('\n')}`)
  }
  const { output } = result
  return {
    ...mailConfig(output),
    port: output.PORT,
    host: output.HOST,
    dataDir: resolve(cwd, output.DATA_DIR),
    publicUrl: output.PUBLIC_URL,
    roomUrl: output.ROOM_URL,
    extensionOrigins: output.EXTENSION_ORIGINS,
    ringFor: output.RING_FOR * 1_000,
    logLevel: output.LOG_LEVEL,
    authSecret: output.AUTH_SECRET,
    trustProxy: output.TRUST_PROXY,
    demoAccounts: output.DEMO_ACCOUNTS,
    sessionLifetimes: { kept: output.SESSION_DAYS * 86_400_000, fleeting: output.SESSION_HOURS * 3_600_000 },
    openId: openIdConfig(output),
  }
}
