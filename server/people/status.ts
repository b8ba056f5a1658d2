import { longestBusy, type PeopleRequest, type Status } from '../../protocol/people.ts'
import type { Database } from '../database/tables.ts'
import { type Appended, appendEvents } from './account-events.ts'
import { inAccountTurns } from './account-turns.ts'
import { done, type Handled, refused } from './people-requests.ts'
import { readStatus } from './status-rows.ts'

/**
 * Writes down what a person chose, in a transaction of its own. What is so already is done, and no event tells of it.
 *
 * @param now wall-clock ms.
 */
export async function setStatus(
  db: Database,
  userId: string,
  { status, until }: Pick<Extract<PeopleRequest, { what: 'set-status' }>, 'status' | 'until'>,
  now: number,
): Promise<{ readonly handled: Handled; readonly appended: Appended }> {
  const why = whyNot(status, until, now)
  if (why !== undefined) return { handled: refused('bad-request', why), appended: new Map() }
  const ends = status === 'busy' ? until : null
  return inAccountTurns(db, [userId], async (trx) => {
    const before = await readStatus(trx, userId, now)
    if (before.revision > 0 && before.status === status && before.until === ends)
      return { handled: done, appended: new Map() }
    const after: Status = { status, until: ends, revision: before.revision + 1 }
    await trx
      .insertInto('status')
      .values({ userId, ...after })
      .onConflict((conflict) => conflict.column('userId').doUpdateSet(after))
      .execute()
    return {
      handled: done,
      appended: await appendEvents(trx, [{ userId, change: { kind: 'status', status: after } }], now),
    }
  })
}

function whyNot(status: Status['status'], until: number | null, now: number): string | undefined {
  if (status !== 'busy') return until === null ? undefined : 'Only busy has an end.'
  if (until === null) return 'Say until when you are busy.'
  if (until <= now) return 'That moment is over. Say until when you are busy.'
  return until > now + longestBusy ? 'Busy lasts seven days at most.' : undefined
}
