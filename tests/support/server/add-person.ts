import { runCommandOrThrow } from './run-command.ts'
import type { Server } from './start-server.ts'

export interface Person {
  readonly username: string
  readonly email: string
  readonly name: string
  readonly password: string
}

export const ann: Person = {
  username: 'ann',
  email: 'ann@clinic.example',
  name: 'Ann Able',
  password: 'Correct-horse-7',
}

/** Makes an account the way an operator does, who may know that the address is theirs. */
export async function addPerson(
  server: Server,
  person: Person = ann,
  ...more: readonly '--verified'[]
): Promise<Person> {
  const { username, email, name, password } = person
  const at = { dataDir: server.dataDir, input: `${password}\n` }
  const options = ['--username', username, '--email', email, '--name', name, '--password-stdin']
  await runCommandOrThrow(at, 'account', 'add', ...options, ...more)
  return person
}
