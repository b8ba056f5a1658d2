import type { PastCall, PlacedCall } from '../../protocol/people.ts'
import type { CallRow } from '../database/call-tables.ts'
import type { Database } from '../database/tables.ts'
import { isOver } from './active-call-reducer.ts'
import { activeStates } from './call-rows.ts'

/** How calls that people placed ended is told to a device that comes back for so long after, in ms. */
const toldFor = 120_000

/** None that is told of was placed longer ago, in ms. */
const placedWithin = 1_800_000

/** So many calls are listed at once. */
const listedAtOnce = 50

/**
 * A call as whoever placed it may see it: of somebody invisible, or who has blocked them, as of somebody offline, until it
 * is answered, declined or cancelled. Until when somebody is busy is theirs to know once they were found to be.
 */
export function asCallerSees<Row extends CallRow>(placed: Row): Row {
  const row = placed.why === 'busy' ? placed : { ...placed, busyUntil: null }
  if (row.hidden === null || row.state === 'answered' || row.state === 'declined') return row
  // Who has heard that it rang, as it was not hidden yet, hears now that nobody can be reached any more.
  const unseen = { ...row, devices: 0 }
  if (row.state === 'ringing') return { ...unseen, state: 'waiting' }
  return row.why === 'no-answer' ? { ...unseen, why: 'unreachable' } : unseen
}

/**
 * A call as a device of whoever placed it hears of it.
 *
 * @param now wall-clock ms. @param room its address, for the device that placed it.
 */
export function placedCallOf(
  placed: CallRow,
  { now, device, room }: { readonly now: number; readonly device: string; readonly room: string },
): PlacedCall {
  const row = asCallerSees(placed)
  const { id, userId, to: name, idempotencyKey, state, disposition, devices, why, busyUntil, at, reply } = row
  return {
    id,
    contact: userId,
    name,
    key: idempotencyKey,
    state,
    disposition,
    ringsOn: devices,
    why,
    busyUntil,
    at,
    left: isOver(row) ? 0 : Math.max(0, row.deadline - now),
    reply,
    room: state === 'answered' && row.callerDevice === device ? room : null,
  }
}

/** The calls that a person placed and that are not over, or of late. Oldest first. */
export const readPlacedCalls = (db: Database, caller: string, now: number): Promise<CallRow[]> =>
  db
    .selectFrom('call')
    .selectAll()
    .where('callerId', '=', caller)
    .where('at', '>=', now - placedWithin)
    .where((e) => e.or([e('state', 'in', activeStates), e('endedAt', '>=', now - toldFor)]))
    .orderBy('at')
    .execute()

/**
 * The calls that a person placed or was called by and that are over, newest first.
 *
 * @param before placed before this moment, wall-clock ms; null for the newest.
 */
export async function readPastCalls(
  db: Database,
  { userId, device }: { readonly userId: string; readonly device: string },
  before: number | null,
): Promise<{ readonly calls: PastCall[]; readonly more: boolean }> {
  // By each of two indexes, and not by neither.
  const half = (column: 'userId' | 'callerId') =>
    db
      .selectFrom('call')
      .select('id')
      .select('at')
      .where(column, '=', userId)
      .where('state', 'not in', activeStates)
      .$if(before !== null, (query) => query.where('at', '<', before ?? 0))
      .orderBy('at', 'desc')
      .limit(listedAtOnce + 1)
  const [received, placed] = await Promise.all([half('userId').execute(), half('callerId').execute()])
  const newest = [...received, ...placed].sort((a, b) => b.at - a.at)
  const more = newest.length > listedAtOnce
  const last = newest[listedAtOnce]
  // The next page begins before the last one's moment: what shares it with the next goes with that.
  const page = newest.slice(0, listedAtOnce)
  const whole = more ? page.filter(({ at }) => at !== last?.at) : page
  const ids = (whole.length > 0 ? whole : page).map(({ id }) => id)
  if (ids.length === 0) return { calls: [], more: false }
  const rows = await db.selectFrom('call').selectAll().where('id', 'in', ids).execute()
  return {
    calls: rows.sort((a, b) => b.at - a.at).map((row) => pastCallOf(row, { userId, device })),
    more,
  }
}

function pastCallOf(
  row: CallRow,
  { userId, device }: { readonly userId: string; readonly device: string },
): PastCall {
  const isOut = row.callerId === userId
  const { id, at, endedAt, state, why } = isOut ? asCallerSees(row) : row
  if (state === 'placed' || state === 'ringing' || state === 'waiting')
    throw new Error('this call is not over')
  const isByCallee = state === 'answered' || state === 'declined'
  return {
    id,
    direction: isOut ? 'out' : 'in',
    contact: isOut ? row.userId : row.callerId,
    name: isOut ? row.to : row.from,
    at,
    endedAt,
    state,
    why,
    here: isOut || !isByCallee ? null : row.byDevice === device,
    ...(!isOut && row.hidden === 'blocked' && { blocked: true }),
  }
}
