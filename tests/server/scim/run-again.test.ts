import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import { trySignIn } from '../support/api-client.ts'
import { openInProcessService } from '../support/in-process-nodes.ts'
import { clinicOf, nurse } from './clinic.ts'

const service = await openInProcessService()
afterAll(() => service.close())

/** Undoes the next transaction that writes an entry of this kind, as it commits: as if it had come between others. */
async function undoNext(what: string) {
  const { db } = service
  await sql`create sequence if not exists undone`.execute(db)
  await sql`alter sequence undone restart`.execute(db)
  await sql`create or replace function undo_first() returns trigger language plpgsql as $$
    begin
      if nextval('undone') = 1 then raise exception 'on purpose' using errcode = '40001'; end if;
      return null;
    end $$`.execute(db)
  await sql`drop trigger if exists undo_first on audit`.execute(db)
  await sql`create constraint trigger undo_first after insert on audit deferrable initially deferred for each row
    when (new.what = ${sql.lit(what)}) execute function undo_first()`.execute(db)
}

const undone = async () => {
  const { rows } = await sql<{ last: number }>`select last_value as last from undone`.execute(service.db)
  return rows[0]?.last
}

test('N4.4 D5.2 a password that the clinic sets is set though the transaction is undone and run again', async () => {
  const node = await service.start()
  const key = await createApiKey(service.db, 'Clinic', node.clock.wall(), 'scim')
  const clinic = clinicOf(node, key ?? '')
  const signIn = async (password: string) => (await trySignIn(node, { login: 'nora.n', password })).status

  await undoNext('provisioned')
  const id = await clinic.make()
  expect(await undone()).toBe(2)
  expect(await signIn(nurse.password)).toBe(200)

  const others = { op: 'replace', value: { displayName: 'Nora New', password: 'Brighter-lantern-88' } }
  await undoNext('password-changed')
  expect((await clinic.patch(id, others)).status).toBe(200)
  expect(await undone()).toBe(2)
  expect([await signIn(nurse.password), await signIn('Brighter-lantern-88')]).toEqual([401, 200])

  // Nothing else changes: it is set by us alone.
  await undoNext('password-changed')
  const alone = { op: 'replace', path: 'password', value: 'Wider-meadow-19' }
  expect((await clinic.patch(id, alone)).status).toBe(200)
  expect(await undone()).toBe(2)
  expect([await signIn('Brighter-lantern-88'), await signIn('Wider-meadow-19')]).toEqual([401, 200])
  const ended = await service.db.selectFrom('session').select('id').execute()
  expect(ended).toHaveLength(1)
}, 60_000)
