import * as v from 'valibot'
import { type AccountConfig, accountConfig, accountEnvironment } from './accounts/account-config.ts'
import { type CallConfig, callConfig, callEnvironment } from './calls/call-config.ts'
import { type DataConfig, dataConfig, dataEnvironment } from './data-directory.ts'
import { type HttpConfig, httpConfig, httpEnvironment } from './http/http-config.ts'
import { type ListenConfig, listenConfig, listenEnvironment } from './listen.ts'
import { type LogConfig, logConfig, logEnvironment } from './log.ts'
import { type MailConfig, mailConfig, mailEnvironment, senderRule } from './mail/mail-config.ts'
import { type OpenIdConfig, openIdConfig, openIdEnvironment } from './openid/openid-config.ts'
import { StartupError } from './startup-error.ts'

/** Each part of the server names its own settings; README tells of them all. */
const environment = v.object({
  ...listenEnvironment,
  ...dataEnvironment,
  ...httpEnvironment,
  ...accountEnvironment,
  ...callEnvironment,
  ...logEnvironment,
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

export interface Config
  extends ListenConfig,
    DataConfig,
    LogConfig,
    HttpConfig,
    AccountConfig,
    CallConfig,
    MailConfig {
  /** Undefined while nobody can sign in at an issuer. */
  readonly openId?: OpenIdConfig | undefined
}

/** Whether a server is there to be tried out: with people made for that, and no address by which others would come. */
export const isDemonstration = ({
  demoAccounts,
  publicUrl,
}: Pick<Config, 'demoAccounts' | 'publicUrl'>): boolean => demoAccounts && publicUrl === undefined

/**
 * Reads the configuration out of an environment. An empty value counts as none.
 *
 * @throws StartupError that names every error at once.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, cwd = process.cwd()): Config {
  const filled = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()))
  const result = v.safeParse(wholeEnvironment, filled)
  if (!result.success) {
    const errors = result.issues.map((issue) => `  - ${issue.message}`)
    throw new StartupError(`The configuration has to be corrected first:\n${errors.join('\n')}`)
  }
  const { output } = result
  return {
    ...listenConfig(output),
    ...dataConfig(output, cwd),
    ...logConfig(output),
    ...httpConfig(output),
    ...accountConfig(output),
    ...callConfig(output),
    ...mailConfig(output),
    openId: openIdConfig(output),
  }
}
