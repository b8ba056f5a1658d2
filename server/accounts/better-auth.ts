import { betterAuth } from 'better-auth'
import { username } from 'better-auth/plugins/username'
import type { Database } from '../database/tables.ts'
import { openPasswords, type Passwords } from './passwords.ts'

/**
 * better-auth, used as a library: its own HTTP handler is never mounted, so nothing can be reached but
 * what our routes call.
 *
 * Its are the shape of the tables `user`, `session`, `account` and `verification`, which its plugins can build on
 * (SCIM does, in an instance of its own); the place where passwords are hashed, `$context.password`, which has our argon2id in
 * it; and whatever the SCIM plugin writes. Ours is every other write to those tables, in `user-rows.ts`,
 * `credential-rows.ts` and `session-rows.ts`, for what its API cannot do: take part in a transaction of ours, so that
 * nobody is made, signed in or changed without the entry in the record and the mail that belong to it; keep hashes of
 * session tokens and not the tokens; bind a session to a device and its key.
 */
export const createAuth = (
  db: Database,
  secret: string,
  baseURL: string,
  { hash, verify }: Passwords = openPasswords(),
) =>
  betterAuth({
    database: { db, type: 'sqlite' },
    secret,
    baseURL,
    emailAndPassword: {
      enabled: false,
      password: { hash: (password) => hash(password), verify: (asked) => verify(asked) },
    },
    // For the columns that it adds to `user`.
    plugins: [username()],
    // It would write email addresses and reasons of refusals to the console.
    logger: { disabled: true },
    telemetry: { enabled: false },
  })

export type Auth = ReturnType<typeof createAuth>
