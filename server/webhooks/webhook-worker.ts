import { mostWebhooks } from '../../protocol/programs.ts'
import type { Clock } from '../clock.ts'
import { claimTry } from '../database/claim-try.ts'
import type { Database } from '../database/tables.ts'
import type { WebhookDeliveryRow, WebhookRow } from '../database/webhook-tables.ts'
import type { Log } from '../log.ts'
import { longestTry, type PostOptions, postWebhook } from './post-webhook.ts'
import {
  dueDeliveries,
  dueWebhooks,
  openWebhook,
  recordDelivery,
  releaseDelivery,
  type TriedDelivery,
  takeTurn,
} from './webhook-queue.ts'
import { delayAfter } from './webhook-schedule.ts'
import { signedHeaders } from './webhook-secret.ts'

/** The queue is polled this often, in ms: what causes an event is a transaction elsewhere. */
const pollEvery = 1_000

/** A node has an event for so long, in ms: a try, and what is read and written for it. Then it is believed dead. */
const claimedFor = longestTry + 30_000

/** To so many webhooks something is sent at once; to each one thing at a time, so that a slow one holds up no other. */
const mostAtOnce = 16
/** To so many of one key: what one program has sent leaves room for others. */
const mostOfKey = 4
/** So many more are looked at than there is room for: those of keys that have all theirs are passed over. */
const passedOver = (mostAtOnce / mostOfKey) * mostWebhooks

/** After so long, in ms, a webhook's turn ends with the event that is being sent. */
const turnFor = 1_000

export interface WebhookWorkerDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  /** Of this installation. */
  readonly secret: string
  readonly isPrivateAllowed: boolean
  readonly resolve?: PostOptions['resolve']
  /** Milliseconds for one try. */
  readonly within?: number
}

/** Takes events to their webhooks, and again until they are taken. */
export interface WebhookWorker {
  /** Called by the shared tick. Returns at once. */
  tick(): void
  /** Resolves when nothing is on its way any more: what is, is broken off after `within` ms and sent again later. */
  stop(within: number): Promise<void>
}

export function openWebhookWorker({
  db,
  clock,
  log,
  secret,
  isPrivateAllowed,
  resolve,
  within,
}: WebhookWorkerDependencies): WebhookWorker {
  /** By webhook: whose it is, and what is being sent there. */
  const underWay = new Map<string, { readonly apiKeyId: string; readonly serving: Promise<void> }>()
  const stopping = new AbortController()
  let pollAt = Number.NEGATIVE_INFINITY
  let polling: Promise<void> | undefined
  let stopped = false

  const post: PostOptions = {
    isPrivateAllowed,
    signal: stopping.signal,
    ...(resolve && { resolve }),
    ...(within !== undefined && { within }),
  }

  /** @returns whether the next event for this webhook may go at once. */
  const deliver = async (webhook: WebhookRow, row: WebhookDeliveryRow): Promise<boolean> => {
    const claimed = clock.wall() + Math.max(claimedFor, delayAfter(row.tries + 1))
    const tries = await claimTry(db, 'webhookDelivery', row, claimed)
    if (tries === undefined) return true
    const tried: TriedDelivery = { id: row.id, webhookId: webhook.id, tries }
    const { id, body } = row
    const about = { webhook: webhook.id, event: row.event, delivery: id, tries }
    const began = clock.monotonic()
    const outcome =
      body === null
        ? ({ kind: 'failed', why: 'there is nothing to send' } as const)
        : await postWebhook(
            webhook.url,
            body,
            signedHeaders(secret, webhook, { id, body }, clock.wall()),
            post,
          )
    if (outcome.kind === 'failed' && stopping.signal.aborted) {
      await releaseDelivery(db, tried, clock.wall())
      return false
    }
    const after = await recordDelivery(db, tried, outcome, clock.monotonic() - began, clock.wall())
    if (outcome.kind === 'taken') log.info(about, 'an event was taken by a webhook')
    else if (after === 'again') log.warn({ ...about, why: outcome.why }, 'an event will be sent again')
    else log.error({ ...about, why: outcome.why }, 'a webhook is given up')
    return outcome.kind === 'taken'
  }

  /** Sends what is due to one webhook, until it fails, is slow, or its turn is over. */
  const serve = async (id: string) => {
    const until = clock.monotonic() + turnFor
    await takeTurn(db, id, clock.wall())
    for (const row of await dueDeliveries(db, id, clock.wall())) {
      const webhook = stopped ? undefined : await openWebhook(db, id, clock.wall())
      if (!webhook || !(await deliver(webhook, row)) || clock.monotonic() >= until) return
    }
  }

  const poll = async () => {
    const room = mostAtOnce - underWay.size
    if (room <= 0) return
    const due = await dueWebhooks(db, [...underWay.keys()], room + passedOver, clock.wall())
    for (const { id, apiKeyId } of due) {
      if (stopped || underWay.size >= mostAtOnce) return
      const ofKey = underWay.values().filter((other) => other.apiKeyId === apiKeyId)
      if (ofKey.toArray().length >= mostOfKey) continue
      const serving = serve(id)
        .catch((err) => log.error({ err, webhook: id }, 'events of a webhook could not be dealt with'))
        .finally(() => {
          underWay.delete(id)
          // There may be more for it than one look finds.
          pollAt = Math.min(pollAt, clock.monotonic() + pollEvery / 10)
        })
      underWay.set(id, { apiKeyId, serving })
    }
  }

  return {
    tick() {
      if (stopped || polling || clock.monotonic() < pollAt) return
      pollAt = clock.monotonic() + pollEvery
      polling = poll()
        .catch((err) => log.error({ err }, 'the queue of webhooks could not be polled'))
        .finally(() => {
          polling = undefined
        })
    },
    async stop(within) {
      stopped = true
      const timer = setTimeout(() => stopping.abort(), within)
      await polling
      await Promise.all(underWay.values().map(({ serving }) => serving))
      clearTimeout(timer)
    },
  }
}
