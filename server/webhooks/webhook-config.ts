import * as v from 'valibot'
import type { ReadFrom } from '../environment.ts'

export const webhookEnvironment = {
  WEBHOOKS_PRIVATE: v.optional(
    v.pipe(v.string(), v.trim(), v.picklist(['on', 'off'], 'WEBHOOKS_PRIVATE must be on or off.')),
    'off',
  ),
}

export interface WebhookConfig {
  /** Whether webhooks may be at private addresses: of this machine, or of the network that it stands in. */
  readonly webhooksPrivate: boolean
}

export const webhookConfig = (environment: ReadFrom<typeof webhookEnvironment>): WebhookConfig => ({
  webhooksPrivate: environment.WEBHOOKS_PRIVATE === 'on',
})
