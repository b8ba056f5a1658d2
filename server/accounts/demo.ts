import { randomInt } from 'node:crypto'
import type { Database } from '../database/tables.ts'
import type { Auth } from './auth.ts'
import { addAccount, type NewAccount } from './manage.ts'
import { passwordProblem } from './password-rule.ts'

const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** A password that can be read aloud and typed: four groups of random letters and digits (92 bits). */
export function randomPassword(): string {
  for (;;) {
    const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')
    const password = [group(), group(), group(), group()].join('-')
    if (passwordProblem(password) === undefined) return password
  }
}

/** Two people to try a new server with. @returns nobody when the database has an account already. */
export async function makeDemoAccounts(db: Database, auth: Auth): Promise<NewAccount[]> {
  if (await db.selectFrom('user').select('id').limit(1).executeTakeFirst()) return []
  const people = [
    { username: 'ann', email: 'ann@reachable.example', name: 'Ann Example', password: randomPassword() },
    { username: 'ben', email: 'ben@reachable.example', name: 'Ben Example', password: randomPassword() },
  ]
  for (const person of people) await addAccount(db, auth, person)
  return people
}
