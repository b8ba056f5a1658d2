import * as v from 'valibot'
import { type ReadFrom, wholeNumber } from '../environment.ts'
import type { SessionLifetimes } from './session-lifetimes.ts'

const daysRule = 'SESSION_DAYS must be a whole number of days from 1 to 400.'
const auditRule = 'AUDIT_DAYS must be a whole number of days from 30 to 4000.'
const hoursRule = 'SESSION_HOURS must be a whole number of hours from 1 to 720.'
const mostDaysRule = 'SESSION_MAX_DAYS must be a whole number of days from 1 to 4000.'
const mostHoursRule = 'SESSION_MAX_HOURS must be a whole number of hours from 1 to 8760.'

const firstRule = 'FIRST_PASSWORD_DAYS must be a whole number of days from 1 to 90.'

const domain = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i

export const accountEnvironment = {
  SESSION_DAYS: v.optional(wholeNumber(1, 400, daysRule), '30'),
  SESSION_HOURS: v.optional(wholeNumber(1, 720, hoursRule), '12'),
  SESSION_MAX_DAYS: v.optional(wholeNumber(1, 4_000, mostDaysRule), '365'),
  SESSION_MAX_HOURS: v.optional(wholeNumber(1, 8_760, mostHoursRule), '168'),
  AUDIT_DAYS: v.optional(wholeNumber(30, 4_000, auditRule), '400'),
  FIRST_PASSWORD_DAYS: v.optional(wholeNumber(1, 90, firstRule), '7'),
  DEMO_ACCOUNTS: v.optional(
    v.pipe(
      v.picklist(['0', '1'], 'DEMO_ACCOUNTS must be 1 or 0.'),
      v.transform((text) => text === '1'),
    ),
    '0',
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
}

export interface AccountConfig {
  readonly sessionLifetimes: SessionLifetimes
  /** Milliseconds for which an entry of the audit record is kept. */
  readonly auditKeptFor: number
  /** Milliseconds after which a password that the operator gave ends, if nobody has signed in with it. */
  readonly firstPasswordLifetime: number
  /** Whether accounts to try out are made where there are none. */
  readonly demoAccounts: boolean
  /** Whose addresses may sign up by themselves: of any domain, of these, or nobody's. */
  readonly signUp: 'off' | 'anyone' | readonly string[]
}

export const accountConfig = (given: ReadFrom<typeof accountEnvironment>): AccountConfig => ({
  sessionLifetimes: {
    persistent: given.SESSION_DAYS * 86_400_000,
    transient: given.SESSION_HOURS * 3_600_000,
    longestPersistent: given.SESSION_MAX_DAYS * 86_400_000,
    longestTransient: given.SESSION_MAX_HOURS * 3_600_000,
  },
  auditKeptFor: given.AUDIT_DAYS * 86_400_000,
  firstPasswordLifetime: given.FIRST_PASSWORD_DAYS * 86_400_000,
  demoAccounts: given.DEMO_ACCOUNTS,
  signUp: !given.SIGN_UP ? 'off' : given.SIGN_UP_DOMAINS.length > 0 ? given.SIGN_UP_DOMAINS : 'anyone',
})
