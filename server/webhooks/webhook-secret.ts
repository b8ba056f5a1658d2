import { randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { seal, unseal } from '../accounts/secrets.ts'
import type { WebhookRow } from '../database/webhook-tables.ts'

const purpose = 'webhook'
/** Bytes; Standard Webhooks asks for 24 to 64. */
const length = 32

/** After a new secret was made the one before signs too for so long, in ms, so that a receiver can change over. */
export const oldSecretFor = 24 * 3_600_000

export const newWebhookSecret = (): string => `whsec_${randomBytes(length).toString('base64')}`

/** As the database keeps it: no good to whoever reads that alone. */
export const sealWebhookSecret = (serverSecret: string, secret: string): string =>
  seal(serverSecret, purpose, secret)

/**
 * The headers of an event, signed by each secret that is good now.
 *
 * @param now wall-clock ms. @throws when the secrets were sealed with another AUTH_SECRET.
 */
export function signedHeaders(
  serverSecret: string,
  { secret, oldSecret, oldSecretUntil }: Pick<WebhookRow, 'secret' | 'oldSecret' | 'oldSecretUntil'>,
  { id, body }: { readonly id: string; readonly body: string },
  now: number,
): Record<string, string> {
  const isOldGood = oldSecret !== null && oldSecretUntil !== null && now < oldSecretUntil
  const secrets = isOldGood ? [secret, oldSecret] : [secret]
  const at = new Date(now)
  const signatures = secrets.map((sealed) =>
    new Webhook(unseal(serverSecret, purpose, sealed)).sign(id, at, body),
  )
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now / 1_000)),
    'webhook-signature': signatures.join(' '),
  }
}
