import { sql } from 'kysely'
import { shownName } from '../../protocol/display-name.ts'
import type { Database } from '../database/tables.ts'
import { crowdedMember, mostByTeams, mostInTeam, putTeam } from '../people/teams.ts'
import type { ProvisioningContext } from './provisioning-context.ts'
import { connectionOf, type ScimConnection } from './provisioning-domain.ts'
import { invalidValue, notAllowed } from './scim-error.ts'

/** The groups of the clinic's system are teams here: the plugin keeps who is in them, and the people's contacts follow. */

/** By the teams of one clinic there are so many contacts at most, counted on each side. */
const mostByClinic = 1_000_000

/**
 * Writes down what a request has changed of teams, in the plugin's transaction: both or neither.
 *
 * @throws what the clinic's system is to be told, where a team is larger than there may be.
 */
export async function noteGroups(db: Database, current: ProvisioningContext): Promise<void> {
  const { method, path, caller, before } = current
  if (method === 'GET') return
  const connection = connectionOf(caller)
  if (before !== undefined && method === 'DELETE') {
    for (const id of await teamsOf(db, before.userId)) await noteGroup(db, current, connection, id)
    return
  }
  const [, of] = /^\/scim\/v2\/Groups(?:\/([^/?]+))?/.exec(path) ?? ['', null]
  if (of === null) return
  const ids = of === undefined ? await newGroups(db, connection) : [decodeURIComponent(of)]
  for (const id of ids) await noteGroup(db, current, connection, id)
}

/** Of a group that is no more, nobody is wanted. One of another connection is not looked at. */
async function noteGroup(
  db: Database,
  current: ProvisioningContext,
  connection: ScimConnection,
  id: string,
): Promise<void> {
  const group = await db
    .selectFrom('scimGroup')
    .select(['displayName', 'connectionId'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (group !== undefined && group.connectionId !== connection.id) return
  const team = await db.selectFrom('team').select('name').where('id', '=', id).executeTakeFirst()
  const name = group?.displayName ?? team?.name
  if (name === undefined) return
  const rows = await db
    .selectFrom('scimGroupMember')
    .innerJoin('scimUser', 'scimUser.id', 'scimGroupMember.scimUserId')
    .select('scimUser.userId')
    .where('scimGroupMember.groupId', '=', id)
    .execute()
  const members = rows.map(({ userId }) => userId)
  if (members.length > mostInTeam)
    throw invalidValue(
      `members: a group has ${mostInTeam} people at most here, since each of them becomes a contact of each; this one would have ${members.length}. Provision smaller groups, such as one for each ward.`,
    )
  await putTeam(db, { id, name: teamName(name), members })
  if (members.length > 0) await checkCrowd(db, connection, members)
  current.teamsChanged = true
}

async function checkCrowd(db: Database, connection: ScimConnection, members: readonly string[]) {
  const crowded = await crowdedMember(db, members)
  if (crowded)
    throw invalidValue(
      `members: ${crowded.name} would have more than ${mostByTeams} contacts by their groups. Take them out of others first.`,
    )
  const { rows } = await sql<{
    contacts: number
  }>`select coalesce(sum("many" * ("many" - 1)), 0) as "contacts"
    from (select count(*) as "many" from "scimGroupMember" where "connectionId" = ${connection.id} group by "groupId") as "sizes"`.execute(
    db,
  )
  if (Number(rows[0]?.contacts) > mostByClinic)
    throw notAllowed(
      'The groups of this clinic would make more than a million contacts. Provision smaller or fewer groups.',
    )
}

/** As a contact shows it. */
function teamName(displayName: string): string {
  const name = shownName(displayName)
  if (name === '') throw invalidValue('displayName: it has nothing to be seen.')
  return name
}

async function newGroups(db: Database, connection: ScimConnection): Promise<string[]> {
  const groups = await db
    .selectFrom('scimGroup')
    .select('id')
    .where('connectionId', '=', connection.id)
    .where('id', 'not in', (e) => e.selectFrom('team').select('id'))
    .execute()
  return groups.map(({ id }) => id)
}

async function teamsOf(db: Database, userId: string): Promise<string[]> {
  const rows = await db.selectFrom('teamMember').select('teamId').where('userId', '=', userId).execute()
  return rows.map(({ teamId }) => teamId)
}
