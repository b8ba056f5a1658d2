import * as v from 'valibot'
import {
  type AccountConfig,
  accountConfig,
  accountEnvironment,
  accountWarnings,
} from './accounts/account-config.ts'
import { hasOneCredential, oneCredentialRule } from './bus/nats-config.ts'
import { type CallConfig, callConfig, callEnvironment } from './calls/call-config.ts'
import { type DataConfig, dataConfig, dataEnvironment } from './data-directory.ts'
import { addressWarning, type HttpConfig, httpConfig, httpEnvironment } from './http/http-config.ts'
import { type ListenConfig, listenConfig, listenEnvironment } from './listen.ts'
import { type LogConfig, logConfig, logEnvironment } from './log.ts'
import { type MailConfig, mailConfig, mailEnvironment, senderRule } from './mail/mail-config.ts'
import { type MessageConfig, messageConfig, messageEnvironment } from './messages/message-config.ts'
import { type DrainConfig, drainConfig, drainEnvironment } from './nodes/drain-config.ts'
import {
  bothRule,
  filesRule,
  goTogether,
  type NodeConfig,
  nodeConfig,
  nodeEnvironment,
  publicUrlRule,
  secretRule,
} from './nodes/node-config.ts'
import { type OpenIdConfig, openIdConfig, openIdEnvironment, openIdWarnings } from './openid/openid-config.ts'
import {
  haveTurnTogether,
  type RoomConfig,
  roomConfig,
  roomEnvironment,
  turnOnlyRule,
  turnTogetherRule,
} from './rooms/room-config.ts'
import { StartupError } from './startup-error.ts'
import { type WebhookConfig, webhookConfig, webhookEnvironment } from './webhooks/webhook-config.ts'

/** Each part of the server names its own settings; docs/OPERATING.md tells of them all. */
export const environment = v.object({
  ...listenEnvironment,
  ...dataEnvironment,
  ...httpEnvironment,
  ...accountEnvironment,
  ...callEnvironment,
  ...roomEnvironment,
  ...messageEnvironment,
  ...webhookEnvironment,
  ...logEnvironment,
  ...openIdEnvironment,
  ...mailEnvironment,
  ...nodeEnvironment,
  ...drainEnvironment,
})

/** What only two values together show to be wrong. */
const wholeEnvironment = v.pipe(
  environment,
  v.partialCheck(
    [['SMTP_URL'], ['MAIL_FROM']],
    ({ SMTP_URL, MAIL_FROM }) => SMTP_URL === undefined || MAIL_FROM !== undefined,
    senderRule,
  ),
  v.partialCheck([['TURN_URLS'], ['TURN_SECRET']], haveTurnTogether, turnTogetherRule),
  v.partialCheck(
    [['TURN_ONLY'], ['TURN_SECRET']],
    ({ TURN_ONLY, TURN_SECRET }) => !TURN_ONLY || TURN_SECRET !== undefined,
    turnOnlyRule,
  ),
  v.partialCheck([['DATABASE_URL'], ['NATS_URL']], goTogether, bothRule),
  v.partialCheck(
    [['DATABASE_URL'], ['AUTH_SECRET']],
    ({ DATABASE_URL, AUTH_SECRET }) => DATABASE_URL === undefined || AUTH_SECRET !== undefined,
    secretRule,
  ),
  v.partialCheck(
    [['DATABASE_URL'], ['PUBLIC_URL']],
    ({ DATABASE_URL, PUBLIC_URL }) => DATABASE_URL === undefined || PUBLIC_URL !== undefined,
    publicUrlRule,
  ),
  v.partialCheck(
    [['NATS_URL'], ['NATS_CREDS_FILE'], ['NATS_CA_FILE']],
    ({ NATS_URL, NATS_CREDS_FILE, NATS_CA_FILE }) =>
      NATS_URL !== undefined || (NATS_CREDS_FILE === undefined && NATS_CA_FILE === undefined),
    filesRule,
  ),
  v.partialCheck([['NATS_URL'], ['NATS_CREDS_FILE']], hasOneCredential, oneCredentialRule),
)

export interface Config
  extends ListenConfig,
    DataConfig,
    LogConfig,
    HttpConfig,
    AccountConfig,
    CallConfig,
    RoomConfig,
    MessageConfig,
    WebhookConfig,
    MailConfig,
    DrainConfig {
  /** Undefined while nobody can sign in at an issuer. */
  readonly openId?: OpenIdConfig | undefined
  /** Undefined for a server that runs alone. */
  readonly nodes?: NodeConfig | undefined
  /** Sentences on settings that are right each for itself, and do not what was meant together. */
  readonly warnings: readonly string[]
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
  const http = httpConfig(output)
  return {
    ...listenConfig(output),
    ...dataConfig(output, cwd),
    ...logConfig(output),
    ...http,
    ...accountConfig(output),
    ...callConfig(output),
    ...roomConfig(output),
    ...messageConfig(output),
    ...webhookConfig(output),
    ...mailConfig(output),
    ...drainConfig(output),
    openId: openIdConfig(output),
    nodes: nodeConfig(output, cwd),
    warnings: [...accountWarnings(output), ...openIdWarnings(output), ...[addressWarning(http) ?? []].flat()],
  }
}
