import { runCommandOrThrow } from './run-command.ts'
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

/**
 * Makes an account the way an operator does, who may know that the address is theirs.
 *
 * @returns whose it is, with the password that the command made.
 */
export async function addPerson(
  server: Server,
  { username, email, name }: Newcomer = ann,
  ...more: readonly '--verified'[]
): Promise<Person> {
  const options = ['--username', username, '--email', email, '--name', name]
  const told = await runCommandOrThrow(server.dataDir, 'account', 'add', ...options, ...more)
  const [, password] = /^Password: (\S+)/m.exec(told) ?? []
  if (password === undefined) throw new Error(`There is no password in: ${told}`)
  return { username, email, name, password }
}
