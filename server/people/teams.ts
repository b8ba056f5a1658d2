import type { TeamMemberRow } from '../database/people-tables.ts'
import type { Database } from '../database/tables.ts'
import type { ContactChanges } from './contact-changes.ts'
import { linkWith, tellHeld, unlinkWith } from './links.ts'

/**
 * Teams as the clinic's system has them. Who shall be in one is written down with what the system said; that they are
 * contacts of the others comes after that, one member at a time, so that no write waits for a whole team.
 */

/** A team has so many people at most: each of them is a contact of each. */
export const mostInTeam = 250

/** By all their teams a person has so many contacts at most, those that they have by two counted twice. */
export const mostByTeams = 1_000

/** How a team is to be. */
export interface WantedTeam {
  readonly id: string
  readonly name: string
  /** The ids of accounts; nobody for a team that is no more. */
  readonly members: readonly string[]
}

/** Writes down who shall be in a team, in the transaction in which that came to be so. */
export async function putTeam(trx: Database, { id, name, members }: WantedTeam): Promise<void> {
  await trx
    .insertInto('team')
    .values({ id, name })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ name }))
    .execute()
  const wanted = new Set(members)
  const rows = await trx.selectFrom('teamMember').selectAll().where('teamId', '=', id).execute()
  for (const row of rows) {
    const isWanted = wanted.delete(row.userId)
    const toSettle = Number(isWanted ? row.linkedAs !== name : true)
    if (row.wanted === Number(isWanted) && row.toSettle === toSettle) continue
    await trx
      .updateTable('teamMember')
      .set({ wanted: Number(isWanted), toSettle })
      .where('teamId', '=', id)
      .where('userId', '=', row.userId)
      .execute()
  }
  if (wanted.size > 0)
    await trx
      .insertInto('teamMember')
      .values([...wanted].map((userId) => ({ teamId: id, userId, wanted: 1, linkedAs: null, toSettle: 1 })))
      .execute()
}

/** Who shall be in a team; nobody where there is none. */
export async function membersOfTeam(db: Database, id: string): Promise<string[]> {
  const rows = await db
    .selectFrom('teamMember')
    .select('userId')
    .where('teamId', '=', id)
    .where('wanted', '=', 1)
    .execute()
  return rows.map(({ userId }) => userId)
}

/** The first of these people who has more contacts by all their teams than there may be; undefined for none. */
export const crowdedMember = (trx: Database, userIds: readonly string[]) =>
  trx
    .selectFrom('teamMember as mine')
    .innerJoin('teamMember as theirs', 'theirs.teamId', 'mine.teamId')
    .innerJoin('user', 'user.id', 'mine.userId')
    .select('user.name')
    .where('mine.userId', 'in', userIds)
    .where('mine.wanted', '=', 1)
    .where('theirs.wanted', '=', 1)
    .whereRef('theirs.userId', '<>', 'mine.userId')
    .groupBy(['mine.userId', 'user.name'])
    .having((e) => e.fn.countAll(), '>', mostByTeams)
    .limit(1)
    .executeTakeFirst()

/** Who began to settle a team, and did not come to an end within so long, in ms, will not. */
const takenFor = 60_000

/**
 * Takes a team whose members are to be settled, and which nobody else has: of one team they go one after the other, wherever
 * they are settled, since each looks at all others.
 *
 * @returns undefined where there is none.
 */
export async function takeTeam(db: Database, now: number): Promise<string | undefined> {
  const taken = await db
    .updateTable('team')
    .set({ takenAt: now })
    .where('id', '=', (e) =>
      e
        .selectFrom('team as waiting')
        .innerJoin('teamMember', 'teamMember.teamId', 'waiting.id')
        .select('waiting.id')
        .where('teamMember.toSettle', '=', 1)
        .where((where) =>
          where.or([
            where('waiting.takenAt', 'is', null),
            where('waiting.takenAt', '<', now - takenFor),
            // The clock was set back.
            where('waiting.takenAt', '>', now),
          ]),
        )
        .orderBy('teamMember.teamId')
        .limit(1),
    )
    .returning('id')
    .executeTakeFirst()
  return taken?.id
}

/** Keeps everybody else from settling this team, as `takeTeam` does. */
export async function holdTeam(db: Database, id: string, now: number): Promise<void> {
  await db.updateTable('team').set({ takenAt: now }).where('id', '=', id).execute()
}

export async function releaseTeam(db: Database, id: string): Promise<void> {
  await db.updateTable('team').set({ takenAt: null }).where('id', '=', id).execute()
}

/** Those of a team whose contacts are to become as it says. */
export const membersToSettle = (
  db: Database,
  teamId: string,
  most: number,
): Promise<readonly Pick<TeamMemberRow, 'teamId' | 'userId'>[]> =>
  db
    .selectFrom('teamMember')
    .select(['teamId', 'userId'])
    .where('teamId', '=', teamId)
    .where('toSettle', '=', 1)
    .orderBy('userId')
    .limit(most)
    .execute()

/** Makes one member a contact of all who are linked in the team, or ends that. Where it was done already, nothing. */
export async function settleMember(
  trx: Database,
  changes: ContactChanges,
  { teamId, userId }: Pick<TeamMemberRow, 'teamId' | 'userId'>,
  now: number,
): Promise<void> {
  const member = await trx
    .selectFrom('teamMember')
    .innerJoin('team', 'team.id', 'teamMember.teamId')
    .selectAll('teamMember')
    .select('team.name')
    .where('teamId', '=', teamId)
    .where('userId', '=', userId)
    .where('toSettle', '=', 1)
    .executeTakeFirst()
  if (!member) return
  const linked = await trx
    .selectFrom('teamMember')
    .select('userId')
    .where('teamId', '=', teamId)
    .where('userId', '<>', userId)
    .where('linkedAs', 'is not', null)
    .execute()
  const others = linked.map((row) => row.userId)
  const row = trx.updateTable('teamMember').where('teamId', '=', teamId).where('userId', '=', userId)
  if (member.wanted === 0) {
    await trx.deleteFrom('teamMember').where('teamId', '=', teamId).where('userId', '=', userId).execute()
    if (member.linkedAs !== null) await unlinkWith(trx, changes, userId, others)
    return forgetEmptyTeam(trx, teamId)
  }
  await row.set({ linkedAs: member.name, toSettle: 0 }).execute()
  if (member.linkedAs === null) {
    await tellHeld(trx, changes, userId, others)
    await linkWith(trx, changes, userId, others, member.name, now)
  } else await rename(trx, changes, userId, others, { from: member.linkedAs, to: member.name })
}

const forgetEmptyTeam = (trx: Database, teamId: string) =>
  trx
    .deleteFrom('team')
    .where('id', '=', teamId)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('teamMember').select('userId').where('teamId', '=', teamId))),
    )
    .execute()
    .then(() => {})

/** Each member has the others by the new name as their own turn comes. */
async function rename(
  trx: Database,
  changes: ContactChanges,
  userId: string,
  others: readonly string[],
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  if (from === to || others.length === 0) return
  const renamed = await trx
    .updateTable('contact')
    .set({ team: to })
    .where('userId', '=', userId)
    .where('id', 'in', others)
    .where('team', '=', from)
    .returning('id')
    .execute()
  for (const { id } of renamed) changes.touched(userId, id)
  await tellHeld(trx, changes, userId, others)
}
