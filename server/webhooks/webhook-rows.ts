import { randomUUID } from 'node:crypto'
import { mostWebhooks, type Webhook, type WebhookEvent, webhookEvents } from '../../protocol/programs.ts'
import type { ApiKey } from '../accounts/api-keys.ts'
import { audit } from '../accounts/audit.ts'
import { locked } from '../database/locking.ts'
import type { Database } from '../database/tables.ts'
import type { WebhookRow } from '../database/webhook-tables.ts'
import { dropTooMany } from './webhook-queue.ts'
import { newWebhookSecret, oldSecretFor, sealWebhookSecret } from './webhook-secret.ts'

type Owner = Pick<ApiKey, 'id' | 'name'>

/** A webhook with the secret by which its receiver knows what comes from here: shown this once. */
export interface WebhookAndSecret {
  readonly webhook: Webhook
  readonly secret: string
}

/** @returns undefined where the key has as many as one may have. */
export function createWebhook(
  db: Database,
  { id: apiKeyId, name }: Owner,
  { url, events }: { readonly url: string; readonly events: readonly WebhookEvent[] },
  serverSecret: string,
  now: number,
): Promise<WebhookAndSecret | undefined> {
  return db.transaction().execute(async (trx) => {
    // Of the webhooks of one key each sees those that were made before it.
    await locked(trx)(trx.selectFrom('apiKey').select('id').where('id', '=', apiKeyId)).execute()
    const { many } = await trx
      .selectFrom('webhook')
      .select((e) => e.fn.countAll<number>().as('many'))
      .where('apiKeyId', '=', apiKeyId)
      .executeTakeFirstOrThrow()
    if (many >= mostWebhooks) return undefined
    const secret = newWebhookSecret()
    const wanted = webhookEvents.filter((event) => events.includes(event)).join(' ')
    const row = {
      id: randomUUID(),
      apiKeyId,
      url,
      events: wanted,
      secret: sealWebhookSecret(serverSecret, secret),
      createdAt: now,
    }
    await trx.insertInto('webhook').values(row).execute()
    await record(trx, 'webhook-created', { id: row.id, url }, name, now)
    const [webhook] = await listWebhooks(trx, apiKeyId, row.id)
    return webhook && { webhook, secret }
  })
}

/** The webhooks of a key, or one of them. */
export async function listWebhooks(db: Database, apiKeyId: string, id?: string): Promise<Webhook[]> {
  const rows = await db
    .selectFrom('webhook')
    .selectAll('webhook')
    .select((e) =>
      e
        .selectFrom('webhookDelivery')
        .select((of) => of.fn.countAll<number>().as('waiting'))
        .whereRef('webhookDelivery.webhookId', '=', 'webhook.id')
        .where('webhookDelivery.nextAt', 'is not', null)
        .as('waiting'),
    )
    .where('apiKeyId', '=', apiKeyId)
    .$if(id !== undefined, (query) => query.where('webhook.id', '=', id ?? ''))
    .orderBy('createdAt')
    .orderBy('webhook.id')
    .execute()
  return rows.map(({ waiting, ...row }) => webhookOf(row, Number(waiting)))
}

const webhookOf = (row: WebhookRow, waiting: number): Webhook => ({
  id: row.id,
  url: row.url,
  events: webhookEvents.filter((event) => row.events.split(' ').includes(event)),
  createdAt: row.createdAt,
  waiting,
  failingSince: row.failingSince,
  lastFailure: row.lastFailure,
  disabledAt: row.disabledAt,
})

/** @returns whether there was such a webhook of this key. What waited for it is sent no more. */
export function deleteWebhook(
  db: Database,
  { id: apiKeyId, name }: Owner,
  id: string,
  now: number,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const gone = await trx
      .deleteFrom('webhook')
      .where('id', '=', id)
      .where('apiKeyId', '=', apiKeyId)
      .returning(['id', 'url'])
      .executeTakeFirst()
    if (gone) await record(trx, 'webhook-deleted', gone, name, now)
    return gone !== undefined
  })
}

/** Gives a webhook a new secret; the one before signs too for a day. @returns undefined where there is none of this key. */
export function rotateSecret(
  db: Database,
  { id: apiKeyId, name }: Owner,
  id: string,
  serverSecret: string,
  now: number,
): Promise<WebhookAndSecret | undefined> {
  return db.transaction().execute(async (trx) => {
    const before = await locked(trx)(ofKey(trx, apiKeyId, id)).executeTakeFirst()
    if (!before) return undefined
    const secret = newWebhookSecret()
    await trx
      .updateTable('webhook')
      .set({
        secret: sealWebhookSecret(serverSecret, secret),
        oldSecret: before.secret,
        oldSecretUntil: now + oldSecretFor,
      })
      .where('id', '=', id)
      .execute()
    await record(trx, 'webhook-secret-changed', before, name, now)
    const [webhook] = await listWebhooks(trx, apiKeyId, id)
    return webhook && { webhook, secret }
  })
}

/** Takes up a webhook again that was given up: what waits for it is sent at once. @returns undefined where there is none. */
export function enableWebhook(
  db: Database,
  { id: apiKeyId, name }: Owner,
  id: string,
  now: number,
): Promise<Webhook | undefined> {
  return db.transaction().execute(async (trx) => {
    const before = await locked(trx)(ofKey(trx, apiKeyId, id)).executeTakeFirst()
    if (!before) return undefined
    if (before.disabledAt !== null) await dropTooMany(trx, id)
    await trx
      .updateTable('webhook')
      .set({ failures: 0, failingSince: null, pausedUntil: 0, lastFailure: null, disabledAt: null })
      .where('id', '=', id)
      .execute()
    await trx
      .updateTable('webhookDelivery')
      .set({ nextAt: now })
      .where('webhookId', '=', id)
      .where('nextAt', '>', now)
      // What is on its way at this moment stays with whoever has it.
      .where('failed', 'is not', null)
      .execute()
    if (before.disabledAt !== null) await record(trx, 'webhook-enabled', before, name, now)
    return (await listWebhooks(trx, apiKeyId, id))[0]
  })
}

const ofKey = (trx: Database, apiKeyId: string, id: string) =>
  trx.selectFrom('webhook').selectAll().where('id', '=', id).where('apiKeyId', '=', apiKeyId)

/** An address may hold a secret of its own: its host says enough. */
const record = (
  trx: Database,
  what: 'webhook-created' | 'webhook-deleted' | 'webhook-secret-changed' | 'webhook-enabled',
  { id, url }: Pick<WebhookRow, 'id' | 'url'>,
  key: string,
  at: number,
) => audit(trx, { at, what, detail: { webhook: id, host: new URL(url).host, key } })
