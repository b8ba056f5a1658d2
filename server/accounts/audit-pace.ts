import type { AuditPaceRow } from '../database/account-tables.ts'
import type { Database } from '../database/tables.ts'

/**
 * Strangers cause entries of the record without any right: a wrong password, a proof that is none. From many addresses
 * they could make it as long as they like. So what they may write of one kind is limited, and beyond that it is
 * counted: one entry says how many more there were. It is kept in the database, so that no count is lost with the
 * server, and none is there without what it counts.
 */

/** So many entries at once, and then one more each time so many ms have passed. */
export interface AuditPace {
  readonly atOnce: number
  readonly every: number
}

/** For each kind, of all strangers together: 100 at once, 3 a minute. */
export const strangersPace: AuditPace = { atOnce: 100, every: 20_000 }
/** For each kind, about one person whom strangers know by name: 20 at once, 2 an hour. */
export const personPace: AuditPace = { atOnce: 20, every: 1_800_000 }

/** How many more there were is told after a minute, then after twice as long each time, an hour at most. */
export const firstWait = 60_000
export const longestWait = 3_600_000

/** Times are wall-clock ms. */
export type PaceState = Omit<AuditPaceRow, 'key' | 'what' | 'who'>

/** Whether one more entry is written at `now`, or only counted; and how things stand then. */
export function paceEntry(
  before: PaceState | undefined,
  { atOnce, every }: AuditPace,
  now: number,
): { readonly recorded: boolean; readonly state: PaceState } {
  const state = before ?? { level: 0, at: now, more: 0, since: null, dueAt: null, wait: firstWait }
  // A clock that was set back makes nobody wait longer.
  const passed = Math.max(0, now - state.at)
  const level = Math.max(0, state.level - passed / every)
  const wait = passed >= longestWait && state.more === 0 ? firstWait : state.wait
  if (level + 1 <= atOnce) return { recorded: true, state: { ...state, level: level + 1, at: now, wait } }
  const { more, since, dueAt } = state
  const counted = { more: more + 1, since: since ?? now, dueAt: dueAt ?? now + wait }
  return { recorded: false, state: { ...counted, level, at: now, wait } }
}

/** How things stand once it was told how many more there were. */
export const afterTelling = (state: PaceState): PaceState => ({
  ...state,
  more: 0,
  since: null,
  dueAt: null,
  wait: Math.min(state.wait * 2, longestWait),
})

/**
 * Counts an entry that a stranger causes. Call it in the transaction that writes it.
 *
 * @param who whom it concerns, as far as that is anybody.
 * @returns whether it is to be written.
 */
export async function takePlace(
  db: Database,
  what: string,
  who: string | undefined,
  now: number,
): Promise<boolean> {
  const key = who === undefined ? what : `${what} ${who}`
  const before = await db.selectFrom('auditPace').selectAll().where('key', '=', key).executeTakeFirst()
  const { recorded, state } = paceEntry(before, who === undefined ? strangersPace : personPace, now)
  const row = { ...state, key, what, who: who ?? null }
  await db
    .insertInto('auditPace')
    .values(row)
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .execute()
  return recorded
}

/** So many are told in one transaction. */
const mostTold = 100
/** A count that nothing was added to for so long says nothing any more, ms. */
const idleAfter = 86_400_000

/**
 * What was counted and is to be told now: each has had its time, or `all`. Call it in the transaction that tells it,
 * until there is none.
 */
export async function takeCounted(
  db: Database,
  now: number,
  which: 'due' | 'all',
): Promise<{ what: string; who: string | null; more: number; since: number }[]> {
  let query = db.selectFrom('auditPace').selectAll().where('more', '>', 0).limit(mostTold)
  if (which === 'due')
    // What is due long after now was counted before the clock was set back.
    query = query.where((e) => e.or([e('dueAt', '<=', now), e('dueAt', '>', now + longestWait)]))
  const rows = await query.execute()
  for (const { key, what: _what, who: _who, ...state } of rows)
    await db.updateTable('auditPace').set(afterTelling(state)).where('key', '=', key).execute()
  return rows.map(({ what, who, more, since }) => ({ what, who, more, since: since ?? now }))
}

/** Drops counts that decide nothing any more. */
export async function dropIdleCounts(db: Database, now: number): Promise<void> {
  await db
    .deleteFrom('auditPace')
    .where('more', '=', 0)
    .where((e) => e.or([e('at', '<', now - idleAfter), e('at', '>', now + idleAfter)]))
    .execute()
}
