import { sql } from 'kysely'
import type { WebhookPayload } from '../../protocol/programs.ts'
import { loginsOf, normalLogin } from '../accounts/login-name.ts'
import { formerName } from '../accounts/user-rows.ts'
import { isAmong } from '../database/is-among.ts'
import type { Database } from '../database/tables.ts'

/**
 * Takes somebody whose account is deleted out of what waits for webhooks: it is sent without their name. To be called
 * while calls still have the names by which programs called them.
 *
 * @param trx the transaction that deletes the account. @param account by which logins it is known.
 */
export async function forgetInWebhooks(
  trx: Database,
  userId: string,
  account: Parameters<typeof loginsOf>[0],
): Promise<void> {
  const logins = new Set([...loginsOf(account), ...(await calledAs(trx, userId)).map(normalLogin)])
  const rows = await trx
    .selectFrom('webhookDelivery')
    .select(['id', 'body'])
    .where('nextAt', 'is not', null)
    .where((e) =>
      e.or([...logins].map((login) => sql<boolean>`lower("body") like ${`%${JSON.stringify(login)}%`}`)),
    )
    .execute()
  const waiting = rows.flatMap(({ id, body }): { id: string; payload: WebhookPayload }[] =>
    body === null ? [] : [{ id, payload: JSON.parse(body) }],
  )
  const ids = waiting.flatMap(({ payload: { data } }) => ('id' in data ? [data.id] : []))
  const theirs = await ofPerson(trx, userId, ids)
  for (const { id, payload } of waiting) {
    const { data } = payload
    const without =
      'people' in data
        ? { ...data, people: data.people.map((one) => (logins.has(normalLogin(one)) ? formerName : one)) }
        : { ...data, to: theirs.has(data.id) ? formerName : data.to }
    await trx
      .updateTable('webhookDelivery')
      .set({ body: JSON.stringify({ ...payload, data: without }) })
      .where('id', '=', id)
      .execute()
  }
}

/** As programs named them. */
async function calledAs(trx: Database, userId: string): Promise<string[]> {
  const called = trx
    .selectFrom('call')
    .select('to')
    .distinct()
    .where('userId', '=', userId)
    .where('callerId', 'is', null)
  const expected = trx.selectFrom('expectedCall').select('to').distinct().where('userId', '=', userId)
  return [...(await called.execute()), ...(await expected.execute())].flatMap(({ to }) => to ?? [])
}

/** Which of these calls, or expected calls, are theirs: another may have the name by now that was theirs. */
async function ofPerson(trx: Database, userId: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const calls = trx
    .selectFrom('call')
    .select('id')
    .where(isAmong(trx, 'id', ids))
    .where('userId', '=', userId)
  const expected = trx
    .selectFrom('expectedCall')
    .select('id')
    .where(isAmong(trx, 'id', ids))
    .where('userId', '=', userId)
  return new Set([...(await calls.execute()), ...(await expected.execute())].map(({ id }) => id))
}
