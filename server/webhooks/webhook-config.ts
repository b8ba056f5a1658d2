import * as v from 'valibot'
import { onOff, type ReadFrom } from '../environment.ts'

export const webhookEnvironment = {
  WEBHOOKS_PRIVATE: v.optional(onOff('WEBHOOKS_PRIVATE'), 'off'),
}

export interface WebhookConfig {
  /** Whether webhooks may be at private addresses: of this machine, or of the network that it stands in. */
  readonly webhooksPrivate: boolean
}

export const webhookConfig = (environment: ReadFrom<typeof webhookEnvironment>): WebhookConfig => ({
  webhooksPrivate: environment.WEBHOOKS_PRIVATE,
})
