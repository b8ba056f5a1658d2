import type { Database } from '../database/tables.ts'

/** Whose somebody is of the clinics whose keys are limited to their own people: in the table `scimOwner`, for good. */

/** @returns the provisioning domain whose somebody is, also after they were de-provisioned; undefined for everybody else. */
export async function provisioningDomainOf(db: Database, userId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('scimOwner')
    .select('provisioningDomain')
    .where('userId', '=', userId)
    .executeTakeFirst()
  return row?.provisioningDomain
}

/** Counts somebody among the people of a provisioning domain, for good. They must not be another's. */
export async function putProvisioningDomain(
  db: Database,
  userId: string,
  provisioningDomain: string,
): Promise<void> {
  await db.insertInto('scimOwner').values({ userId, provisioningDomain }).execute()
}

/** How many people a provisioning domain has, those who were de-provisioned too. */
export async function countPeopleOf(db: Database, provisioningDomain: string): Promise<number> {
  const { count } = await db
    .selectFrom('scimOwner')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('provisioningDomain', '=', provisioningDomain)
    .executeTakeFirstOrThrow()
  return count
}

/** What there is of somebody in them is what a clinic's system knows of them, and that it does. */
const provisioned = ['scimUser', 'scimSubject', 'scimIdentityTombstone', 'scimOwner'] as const

/**
 * Takes somebody out of what a clinic's system provisions: it finds, changes and disables them no more. Call it in a
 * transaction.
 *
 * @returns whether there was anything to take out.
 */
export async function forgetProvisioning(db: Database, userId: string): Promise<boolean> {
  let deleted = 0n
  for (const table of provisioned)
    deleted += (await db.deleteFrom(table).where('userId', '=', userId).executeTakeFirst()).numDeletedRows
  await db.updateTable('teamMember').set({ wanted: 0, toSettle: 1 }).where('userId', '=', userId).execute()
  return deleted > 0n
}
