import { randomUUID } from 'node:crypto'
import type { AnnouncedCall } from '../../protocol/programs.ts'
import type { ExpectedCallRow } from '../database/expected-call-tables.ts'
import { locked } from '../database/locking.ts'
import type { Database } from '../database/tables.ts'
import { type Appended, appendEvents, publishEvents } from '../people/account-events.ts'
import { inAccountTurns } from '../people/account-turns.ts'
import { endExpected, expectedChanges } from '../people/expected-call-rows.ts'
import { enqueueWebhooks, type WebhookCause } from '../webhooks/webhook-queue.ts'
import type { ExpectedRequestDependencies } from './expected-requests.ts'

/** So many calls that a key announced are expected at once, and so many of these of one person. */
export const mostOfKey = 20_000
export const mostOfPerson = 50

/** So many are told in one answer. */
const mostListed = 200

export interface NewAnnouncedCall {
  readonly apiKeyId: string
  /** The program's own id of it; null where it gives none. */
  readonly idempotencyKey: string | null
  /** Whom it is for. Whether this program may reach them is known before. */
  readonly userId: string
  /** As the program named them. */
  readonly to: string
  /** Who will call. */
  readonly from: string
  readonly at: number
}

export type Announced =
  | { readonly kind: 'announced' | 'repeated'; readonly row: ExpectedCallRow }
  /** Another was announced with this `Idempotency-Key`. */
  | { readonly kind: 'key-reused' }
  | { readonly kind: 'too-many-of-person' | 'too-many-of-key' }

/** As the key that announced it has it. */
export const announcedOf = (row: ExpectedCallRow): AnnouncedCall => ({
  id: row.id,
  to: row.to ?? '',
  from: row.from ?? '',
  at: row.at,
  state: row.state,
  atRisk: row.atRisk === 1,
  madeAt: row.madeAt,
  endedAt: row.endedAt,
})

/** What webhooks of its key are told of an expected call, as it is now; nothing of a contact's. */
export async function enqueueExpected(
  trx: Database,
  row: ExpectedCallRow,
  event: 'at-risk' | 'reachable' | 'ended',
  now: number,
): Promise<void> {
  if (row.apiKeyId === null) return
  const cause: WebhookCause = { type: `expected-call.${event}`, data: announcedOf(row) }
  await enqueueWebhooks(trx, row.apiKeyId, [cause], now)
}

/** Writes down that a program will call somebody, and tells their devices: all of it, or nothing. */
export async function announceCall(
  { db, clock, bus }: ExpectedRequestDependencies,
  call: NewAnnouncedCall,
): Promise<Announced> {
  const now = clock.wall()
  const { announced, appended } = await inAccountTurns(db, [call.userId], (trx) => write(trx, call, now))
  publishEvents(bus, appended)
  return announced
}

async function write(
  trx: Database,
  call: NewAnnouncedCall,
  now: number,
): Promise<{ readonly announced: Announced; readonly appended: Appended }> {
  const nothing = (announced: Announced) => ({ announced, appended: new Map() })
  const { apiKeyId, idempotencyKey, userId } = call
  // Of the calls of one key each sees those that were announced before it.
  await locked(trx)(trx.selectFrom('apiKey').select('id').where('id', '=', apiKeyId)).execute()
  const known = idempotencyKey === null ? undefined : await announcedByKey(trx, apiKeyId, idempotencyKey)
  if (known) return nothing(isSame(known, call) ? { kind: 'repeated', row: known } : { kind: 'key-reused' })
  const expected = trx
    .selectFrom('expectedCall')
    .select('id')
    .where('apiKeyId', '=', apiKeyId)
    .where('endedAt', 'is', null)
  const many = (limit: number, of: typeof expected) =>
    trx
      .selectFrom(of.limit(limit).as('some'))
      .select((e) => e.fn.countAll<number>().as('many'))
      .executeTakeFirstOrThrow()
  const { many: ofPerson } = await many(mostOfPerson, expected.where('userId', '=', userId))
  if (Number(ofPerson) >= mostOfPerson) return nothing({ kind: 'too-many-of-person' })
  const { many: ofKey } = await many(mostOfKey, expected)
  if (Number(ofKey) >= mostOfKey) return nothing({ kind: 'too-many-of-key' })
  const row = await trx
    .insertInto('expectedCall')
    .values({ ...call, id: randomUUID(), callerId: null, state: 'expected', shown: 1, madeAt: now })
    .returningAll()
    .executeTakeFirstOrThrow()
  const appended = await appendEvents(trx, await expectedChanges(trx, [row]), now)
  return { announced: { kind: 'announced', row }, appended }
}

const isSame = (row: ExpectedCallRow, { userId, at, from }: NewAnnouncedCall): boolean =>
  row.userId === userId && row.at === at && row.from === from

/** What a key announced under an `Idempotency-Key` of its own. */
export const announcedByKey = (
  db: Database,
  apiKeyId: string,
  idempotencyKey: string,
): Promise<ExpectedCallRow | undefined> =>
  db
    .selectFrom('expectedCall')
    .selectAll()
    .where('apiKeyId', '=', apiKeyId)
    .where('idempotencyKey', '=', idempotencyKey)
    .executeTakeFirst()

/** One that this key announced. */
export const announcedById = (
  db: Database,
  apiKeyId: string,
  id: string,
): Promise<ExpectedCallRow | undefined> =>
  db
    .selectFrom('expectedCall')
    .selectAll()
    .where('id', '=', id)
    .where('apiKeyId', '=', apiKeyId)
    .executeTakeFirst()

/**
 * What a key announced and is still expected, soonest first.
 *
 * @param after only what comes after this one.
 */
export async function listAnnounced(
  db: Database,
  apiKeyId: string,
  after?: Pick<ExpectedCallRow, 'at' | 'id'>,
): Promise<{ readonly rows: readonly ExpectedCallRow[]; readonly more: boolean }> {
  const rows = await db
    .selectFrom('expectedCall')
    .selectAll()
    .where('apiKeyId', '=', apiKeyId)
    .where('endedAt', 'is', null)
    .$if(after !== undefined, (query) =>
      query.where((e) => {
        const { at, id } = after ?? { at: 0, id: '' }
        return e.or([e('at', '>', at), e.and([e('at', '=', at), e('id', '>', id)])])
      }),
    )
    .orderBy('at')
    .orderBy('id')
    .limit(mostListed + 1)
    .execute()
  return { rows: rows.slice(0, mostListed), more: rows.length > mostListed }
}

/** Takes back what a key announced. @returns whether it is taken back, had ended otherwise, or is none of this key. */
export async function cancelAnnounced(
  { db, clock, bus }: ExpectedRequestDependencies,
  apiKeyId: string,
  id: string,
): Promise<'cancelled' | 'over' | 'none'> {
  const known = await announcedById(db, apiKeyId, id)
  if (!known) return 'none'
  const now = clock.wall()
  const appended = await inAccountTurns(db, [known.userId], async (trx) => {
    const ended = await endExpected(trx, [id], 'cancelled', now)
    for (const row of ended) await enqueueExpected(trx, row, 'ended', now)
    return appendEvents(trx, await expectedChanges(trx, ended), now)
  })
  publishEvents(bus, appended)
  const row = await announcedById(db, apiKeyId, id)
  return row?.state === 'cancelled' ? 'cancelled' : 'over'
}
