import { expect, test } from 'vitest'
import type { Call } from '../../protocol/http.ts'
import { createApiKey } from '../../server/accounts/api-keys.ts'
import { claimTry } from '../../server/database/claim-try.ts'
import type { Database } from '../../server/database/tables.ts'
import { callCauses } from '../../server/webhooks/call-causes.ts'
import {
  dueDeliveries,
  dueWebhooks,
  enqueueWebhooks,
  mostWaiting,
  recordDelivery,
  takeTurn,
} from '../../server/webhooks/webhook-queue.ts'
import { createWebhook, enableWebhook, listWebhooks } from '../../server/webhooks/webhook-rows.ts'

const now = 1_800_000_000_000
const secret = 'a secret of 32 characters or more'

const answered: Call = {
  ...{ id: 'call', to: 'ann', from: 'Portal', state: 'answered', disposition: 'ringing' },
  ...{ devices: 1, why: null, at: 1, deadline: 2, endedAt: 2, room: 'https://meet.example/x', canRoom: true },
}

/** Keys with webhooks, and what is on its way to them. */
async function queue(open: () => Promise<Database>) {
  const db = await open()
  return {
    db,
    async key(name: string) {
      await createApiKey(db, name, now, ['calls', 'webhooks'])
      return db.selectFrom('apiKey').select(['id', 'name']).where('name', '=', name).executeTakeFirstOrThrow()
    },
    async hook(key: { readonly id: string; readonly name: string }) {
      const hook = { url: 'https://a.example/x', events: ['call.answered', 'call.ended'] as const }
      const made = await createWebhook(db, key, hook, secret, now)
      if (!made) throw new Error('there is no room')
      return made.webhook.id
    },
    end: (apiKeyId: string) =>
      db.transaction().execute((trx) => enqueueWebhooks(trx, apiKeyId, callCauses(answered), now)),
    due: async (at = now) => (await dueWebhooks(db, [], 100, at)).map(({ id }) => id),
    /** So many wait, each by itself. */
    async fill(webhookId: string, from: number, until: number) {
      for (let first = from; first < until; first += 500) {
        const some = Array.from({ length: Math.min(500, until - first) }, (_, n) => first + n)
        const rows = some.map((n) => ({
          ...{ id: `msg_${n}`, webhookId, event: 'call.ended', body: '{}', madeAt: now - 1_000_000 + n },
          nextAt: now,
        }))
        await db.insertInto('webhookDelivery').values(rows).execute()
      }
    },
  }
}

/**
 * What waits for webhooks, on every database.
 *
 * @param open gives a fresh one.
 */
export function webhookContract(open: () => Promise<Database>): void {
  test('PP3.1 what happened at one moment is sent in its order: answered before ended', async () => {
    const { db, key, hook, end } = await queue(open)
    const portal = await key('Portal')
    const id = await hook(portal)
    for (let n = 0; n < 20; n += 1) {
      await end(portal.id)
      const due = await dueDeliveries(db, id, now)
      expect(due.map(({ event }) => event)).toEqual(['call.answered', 'call.ended'])
      await db.deleteFrom('webhookDelivery').execute()
    }
  })

  test('PP3.7 whoever had a turn longest ago is next, and who is slow waits as long as it took', async () => {
    const { db, key, hook, end, due } = await queue(open)
    const keys = [await key('A'), await key('B'), await key('C')] as const
    const [a, b, c] = [await hook(keys[0]), await hook(keys[1]), await hook(keys[2])]
    for (const { id } of keys) await end(id)
    await takeTurn(db, b, now)
    await takeTurn(db, a, now + 1)
    expect(await due()).toEqual([c, b, a])
    await takeTurn(db, c, now + 2)
    expect(await due()).toEqual([b, a, c])
    expect(await dueWebhooks(db, [b], 1, now)).toEqual([{ id: a, apiKeyId: keys[0].id }])
    const take = async (webhookId: string, took: number) => {
      const [row] = await dueDeliveries(db, webhookId, now)
      const tries = row && (await claimTry(db, 'webhookDelivery', row, now + 40_000))
      if (!row || tries === undefined) throw new Error('there is nothing to take')
      await recordDelivery(db, { id: row.id, webhookId, tries }, { kind: 'taken' }, took, now)
    }
    await take(a, 2_000)
    await take(b, 3_000)
    expect(await due()).toEqual([a, c])
    expect(await due(now + 2_999)).toEqual([a, c])
    expect(await due(now + 3_000)).toEqual([b, a, c])
    // Taken, and nothing waits any more: it has no turn.
    await take(a, 1)
    expect(await due()).toEqual([c])
  })

  test('PP3.8 a webhook for which 10,000 events wait is given up on record, once; taken up again it is sent the newest half', async () => {
    const { db, key, hook, end, fill } = await queue(open)
    const [full, other] = [await key('Full'), await key('Other')]
    const [id, spare] = [await hook(full), await hook(other)]
    const webhook = async (of = full) => (await listWebhooks(db, of.id))[0]
    await fill(id, 0, mostWaiting - 1)
    await end(full.id)
    expect(await webhook()).toMatchObject({ disabledAt: null, waiting: mostWaiting + 1 })
    await end(full.id)
    await end(full.id)
    await end(other.id)
    const why = '10,000 events wait for it'
    expect(await webhook()).toMatchObject({ disabledAt: now, lastFailure: why, waiting: mostWaiting + 1 })
    expect(await webhook(other)).toMatchObject({ id: spare, disabledAt: null, waiting: 2 })
    const records = await db
      .selectFrom('audit')
      .select('detail')
      .where('what', '=', 'webhook-disabled')
      .execute()
    expect(records.map(({ detail }) => JSON.parse(detail))).toEqual([
      { webhook: id, host: 'a.example', key: 'Full', why },
    ])
    expect(await enableWebhook(db, full, id, now)).toMatchObject({
      disabledAt: null,
      waiting: mostWaiting / 2,
    })
    const left = await dueDeliveries(db, id, now)
    expect(left[0]?.id).toBe(`msg_${mostWaiting / 2 + 1}`)
    await end(full.id)
    expect(await webhook()).toMatchObject({ disabledAt: null, waiting: mostWaiting / 2 + 2 })
  })
}
