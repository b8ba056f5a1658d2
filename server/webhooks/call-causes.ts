import type { Call } from '../../protocol/http.ts'
import type { WebhookCause } from './webhook-queue.ts'

/** What the end of a program's call is to its webhooks. @param call as its key sees it once it is over. */
export const callCauses = (call: Call): WebhookCause[] => [
  ...(call.state === 'answered' ? [{ type: 'call.answered', data: call } as const] : []),
  { type: 'call.ended', data: call },
]
