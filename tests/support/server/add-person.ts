import { addAccount, randomPassword } from '../../../server/accounts/operator-accounts.ts'
import { openPasswords } from '../../../server/accounts/passwords.ts'
import { withDatabaseOf } from './database-of.ts'
import type { Server } from './start-server.ts'

export interface Person {
  readonly username: string
  readonly email: string
  readonly name: string
  readonly password: string
}

/** Somebody who has no account yet. */
type Newcomer = Omit<Person, 'password'>

export const ann: Newcomer = { username: 'ann', email: 'ann@clinic.example', name: 'Ann Able' }

const day = 86_400_000
const passwords = openPasswords()

/**
 * Makes an account as the operator's command does, but in this process, of which there are many that need somebody.
 *
 * @param verified whether the operator knows that the address is theirs.
 * @returns whose it is, with the password that was made for them.
 */
export async function addPerson(
  server: Pick<Server, 'dataDir'>,
  newcomer: Newcomer = ann,
  { verified = false }: { readonly verified?: boolean } = {},
): Promise<Person> {
  const person = { ...newcomer, password: randomPassword() }
  const account = { ...person, verified, isRandom: true as const }
  const given = { firstPasswordLifetime: 7 * day }
  const outcome = await withDatabaseOf(server, (db) => addAccount(db, passwords, account, given, Date.now()))
  if (outcome.kind === 'invalid') throw new Error(outcome.errors.join('\n'))
  return person
}
