import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { WebhookPayload } from '../../protocol/programs.ts'
import { audit } from '../accounts/audit.ts'
import { deleteBatch } from '../database/delete-batch.ts'
import type { Database } from '../database/tables.ts'
import type { WebhookDeliveryRow, WebhookRow } from '../database/webhook-tables.ts'
import type { PostOutcome } from './post-webhook.ts'
import { delayAfter, isGivenUp, longestDelay, pauseAfter, pauseOfSlow } from './webhook-schedule.ts'

/** So much that is due to one webhook is found in one look. */
const mostOfOne = 20

/** So many events wait for one webhook: then it is given up, so that nobody fills this database. */
export const mostWaiting = 10_000

/** What became of an event is remembered for so long, in ms. What waits for a webhook that was given up goes then too. */
const rememberedFor = 30 * 86_400_000

type EventOf<Payload> = Payload extends WebhookPayload ? Omit<Payload, 'timestamp'> : never

/** What came to be so: a payload without its time. */
export type WebhookCause = EventOf<WebhookPayload>

/**
 * Has events sent to the webhooks of a key that want them. Call it in the transaction of what causes them: then there is
 * neither one without the other, whenever the server dies. A webhook for which too much waits is given up.
 *
 * @param now wall-clock ms.
 */
export async function enqueueWebhooks(
  trx: Database,
  apiKeyId: string,
  causes: readonly WebhookCause[],
  now: number,
): Promise<void> {
  const webhooks = await trx
    .selectFrom('webhook')
    .select(['id', 'events', 'url', 'apiKeyId'])
    .select((e) =>
      e
        .selectFrom('webhookDelivery')
        .select('webhookDelivery.id')
        .whereRef('webhookDelivery.webhookId', '=', 'webhook.id')
        .where('webhookDelivery.nextAt', 'is not', null)
        .orderBy('webhookDelivery.madeAt')
        .limit(1)
        .offset(mostWaiting - 1)
        .as('last'),
    )
    .where('apiKeyId', '=', apiKeyId)
    .where('disabledAt', 'is', null)
    .execute()
  const rows: ReturnType<typeof deliveryOf>[] = []
  for (const webhook of webhooks) {
    const wanted = webhook.events.split(' ')
    const theirs = causes.filter(({ type }) => wanted.includes(type))
    if (theirs.length === 0) continue
    if (webhook.last === null) rows.push(...theirs.map((cause, n) => deliveryOf(webhook.id, cause, n, now)))
    else await giveUp(trx, webhook, `${mostWaiting.toLocaleString('en')} events wait for it`, now)
  }
  if (rows.length > 0) await trx.insertInto('webhookDelivery').values(rows).execute()
}

function deliveryOf(webhookId: string, { type, data }: WebhookCause, n: number, now: number) {
  const payload = { type, timestamp: new Date(now).toISOString(), data }
  return {
    id: `msg_${randomUUID().replaceAll('-', '')}`,
    webhookId,
    event: type,
    body: JSON.stringify(payload),
    madeAt: now,
    n,
    nextAt: now,
  }
}

/** What waits too long by far was written down before the clock was set back. */
const isDue = (column: string, now: number) =>
  sql<boolean>`(${sql.ref(column)} <= ${now} or ${sql.ref(column)} > ${now + longestDelay})`

/**
 * The webhooks to which something is due, those first that had a turn longest ago.
 *
 * @param busy those that need not be found.
 */
export const dueWebhooks = (
  db: Database,
  busy: readonly string[],
  most: number,
  now: number,
): Promise<Pick<WebhookRow, 'id' | 'apiKeyId'>[]> =>
  db
    .selectFrom('webhook')
    .select(['webhook.id', 'webhook.apiKeyId'])
    .where('webhook.disabledAt', 'is', null)
    .where(isDue('webhook.pausedUntil', now))
    .where((e) =>
      e.exists(
        e
          .selectFrom('webhookDelivery')
          .select('webhookDelivery.id')
          .whereRef('webhookDelivery.webhookId', '=', 'webhook.id')
          .where('webhookDelivery.nextAt', 'is not', null)
          .where(isDue('webhookDelivery.nextAt', now)),
      ),
    )
    .$if(busy.length > 0, (query) => query.where('webhook.id', 'not in', [...busy]))
    .orderBy('webhook.servedAt')
    .orderBy('webhook.id')
    .limit(most)
    .execute()

/** A webhook has its turn now: the others that wait are before it from here on. */
export async function takeTurn(db: Database, id: string, now: number): Promise<void> {
  await db.updateTable('webhook').set({ servedAt: now }).where('id', '=', id).execute()
}

/** What is due to one webhook, oldest first. */
export const dueDeliveries = (db: Database, webhookId: string, now: number): Promise<WebhookDeliveryRow[]> =>
  db
    .selectFrom('webhookDelivery')
    .selectAll()
    .where('webhookId', '=', webhookId)
    .where('nextAt', 'is not', null)
    .where(isDue('nextAt', now))
    .orderBy('madeAt')
    .orderBy('n')
    .orderBy('id')
    .limit(mostOfOne)
    .execute()

/** A webhook to which something may be sent now: it is neither given up nor waiting. */
export const openWebhook = (db: Database, id: string, now: number): Promise<WebhookRow | undefined> =>
  db
    .selectFrom('webhook')
    .selectAll()
    .where('id', '=', id)
    .where('disabledAt', 'is', null)
    .where(isDue('pausedUntil', now))
    .executeTakeFirst()

/** Who tried, and with how many tries as `claimTry` counted. */
export interface TriedDelivery {
  readonly id: string
  readonly webhookId: string
  readonly tries: number
}

/** Gives back what was claimed and broken off, as if it had not been tried: whoever looks next sends it. */
export async function releaseDelivery(
  db: Database,
  { id, tries }: Pick<TriedDelivery, 'id' | 'tries'>,
  now: number,
): Promise<void> {
  await db
    .updateTable('webhookDelivery')
    .set({ nextAt: now, tries: tries - 1 })
    .where('id', '=', id)
    .where('tries', '=', tries)
    .where('nextAt', 'is not', null)
    .execute()
}

/** What a try led to, for the log: the webhook is `given-up` after it failed for days, or wanted no more. */
export type AfterDelivery = 'taken' | 'again' | 'given-up'

/**
 * Writes down what came of a try, of the event and of its webhook. Who took so long that somebody else has the event by
 * now writes nothing of it. A webhook that is given up is put on record; what waits for it stays for a while.
 *
 * @param took how long the try was, ms: who is slow waits, so that others have their turn.
 * @param now wall-clock ms.
 */
export function recordDelivery(
  db: Database,
  { id, webhookId, tries }: TriedDelivery,
  outcome: PostOutcome,
  took: number,
  now: number,
): Promise<AfterDelivery> {
  const isTaken = outcome.kind === 'taken'
  return db.transaction().execute(async (trx): Promise<AfterDelivery> => {
    await trx
      .updateTable('webhookDelivery')
      .set(
        isTaken
          ? { nextAt: null, body: null, deliveredAt: now, failed: null }
          : { nextAt: now + delayAfter(tries), failed: outcome.why },
      )
      .where('id', '=', id)
      .where('tries', '=', tries)
      .execute()
    const webhook = await trx
      .selectFrom('webhook')
      .select(['id', 'failures', 'failingSince', 'disabledAt', 'url', 'apiKeyId'])
      .where('id', '=', webhookId)
      .executeTakeFirst()
    if (!webhook || webhook.disabledAt !== null) return isTaken ? 'taken' : 'again'
    if (isTaken) {
      const pause = pauseOfSlow(took)
      if (webhook.failures > 0 || pause > 0)
        await setWebhook(trx, webhookId, {
          failures: 0,
          failingSince: null,
          pausedUntil: pause > 0 ? now + pause : 0,
          lastFailure: null,
        })
      return 'taken'
    }
    const failures = webhook.failures + 1
    // One that lies in the future was written before the clock was set back.
    const failingSince = Math.min(webhook.failingSince ?? now, now)
    const over = outcome.kind === 'gone' || isGivenUp(failingSince, now)
    await setWebhook(trx, webhookId, {
      failures,
      failingSince,
      pausedUntil: now + pauseAfter(failures),
      lastFailure: outcome.why,
    })
    if (!over) return 'again'
    await giveUp(trx, webhook, outcome.why, now)
    return 'given-up'
  })
}

/** Nothing is written down for a webhook from now on, and that is on record, once. @param why for people. */
async function giveUp(
  trx: Database,
  { id, url, apiKeyId }: Pick<WebhookRow, 'id' | 'url' | 'apiKeyId'>,
  why: string,
  now: number,
): Promise<void> {
  const given = await trx
    .updateTable('webhook')
    .set({ disabledAt: now, lastFailure: why })
    .where('id', '=', id)
    .where('disabledAt', 'is', null)
    .returning('id')
    .executeTakeFirst()
  if (!given) return
  const key = await trx.selectFrom('apiKey').select('name').where('id', '=', apiKeyId).executeTakeFirst()
  const detail = { webhook: id, host: new URL(url).host, key: key?.name ?? '', why }
  await audit(trx, { at: now, what: 'webhook-disabled', detail })
}

/**
 * Makes room where a webhook was given up because too much waited for it: the newest half is sent, the older half is not.
 */
export async function dropTooMany(trx: Database, webhookId: string): Promise<void> {
  const waiting = trx
    .selectFrom('webhookDelivery')
    .select('id')
    .where('webhookId', '=', webhookId)
    .where('nextAt', 'is not', null)
  const last = await waiting
    .orderBy('madeAt')
    .limit(1)
    .offset(mostWaiting - 1)
    .executeTakeFirst()
  if (!last) return
  const older = waiting
    .orderBy('madeAt', 'desc')
    .orderBy('n', 'desc')
    .orderBy('id', 'desc')
    .limit(mostWaiting)
    .offset(mostWaiting / 2)
  await trx.deleteFrom('webhookDelivery').where('id', 'in', older).execute()
}

const setWebhook = (
  trx: Database,
  id: string,
  set: Partial<Pick<WebhookRow, 'failures' | 'failingSince' | 'pausedUntil' | 'lastFailure'>>,
) => trx.updateTable('webhook').set(set).where('id', '=', id).execute()

/** Drops events that were made long ago. @returns whether there may be more of them. */
export const deleteOldDeliveries = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'webhookDelivery', 'madeAt', now - rememberedFor)
