import { isAmong } from '../database/is-among.ts'
import type { Database } from '../database/tables.ts'

/** By the other: the names of all by which the clinic's system has them together with this person. */
export async function heldBy(
  trx: Database,
  userId: string,
  others: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const held = new Map(await teamsOfBoth(trx, userId, others))
  const links = await trx
    .selectFrom('contactLink')
    .selectAll()
    .where((e) =>
      e.or([
        e.and([e('one', '=', userId), isAmong(trx, 'other', others)]),
        e.and([e('other', '=', userId), isAmong(trx, 'one', others)]),
      ]),
    )
    .orderBy('team')
    .execute()
  for (const { one, other, team } of links) {
    const id = one === userId ? other : one
    held.set(id, [...(held.get(id) ?? []), team])
  }
  return held
}

/** By the other: the names of the teams in which this person is linked with them. */
export async function teamsOfBoth(
  trx: Database,
  userId: string,
  others: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await trx
    .selectFrom('teamMember as mine')
    .innerJoin('teamMember as theirs', 'theirs.teamId', 'mine.teamId')
    .innerJoin('team', 'team.id', 'mine.teamId')
    .select(['theirs.userId', 'team.name'])
    .where('mine.userId', '=', userId)
    .where(isAmong(trx, 'theirs.userId', others))
    .where('mine.linkedAs', 'is not', null)
    .where('theirs.linkedAs', 'is not', null)
    .orderBy('team.name')
    .execute()
  return new Map(
    [...Map.groupBy(rows, (row) => row.userId)].map(([other, of]) => [other, of.map(({ name }) => name)]),
  )
}
