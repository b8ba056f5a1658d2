import * as v from 'valibot'
import { onOff, type ReadFrom, wholeNumber } from '../environment.ts'
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
  DEMO_ACCOUNTS: v.optional(onOff('DEMO_ACCOUNTS'), 'off'),
  SIGN_UP: v.optional(onOff('SIGN_UP'), 'off'),
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

/** What is to be told of settings that are right each for itself, and do not what was meant together. */
export function accountWarnings(given: ReadFrom<typeof accountEnvironment>): string[] {
  const warnings: string[] = []
  if (!given.SIGN_UP && given.SIGN_UP_DOMAINS.length > 0)
    warnings.push(
      'SIGN_UP_DOMAINS is set and SIGN_UP is off: nobody can sign up. Set SIGN_UP=on, or leave both out.',
    )
  for (const unit of ['DAYS', 'HOURS'] as const)
    if (given[`SESSION_MAX_${unit}`] < given[`SESSION_${unit}`])
      warnings.push(
        `SESSION_MAX_${unit} is less than SESSION_${unit}: a session ends after SESSION_MAX_${unit}, used or not. Set SESSION_${unit} to no more than that.`,
      )
  return warnings
}
