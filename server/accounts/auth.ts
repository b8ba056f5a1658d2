import { betterAuth } from 'better-auth'
import { username } from 'better-auth/plugins/username'
import type { Database } from '../database/tables.ts'
import { longestPassword, shortestPassword } from './password-rule.ts'
import { isUsername } from './username.ts'

/**
 * better-auth, used as a library: its own HTTP handler is never mounted, so nothing can be reached but
 * what our routes call. Passwords are hashed with scrypt (N 16384, r 16), its default.
 */
export const openAuth = (db: Database, secret: string, baseURL: string) =>
  betterAuth({
    database: { db, type: 'sqlite' },
    secret,
    baseURL,
    emailAndPassword: {
      enabled: true,
      minPasswordLength: shortestPassword,
      // It counts an emoji as two; our own rule comes before it and counts characters.
      maxPasswordLength: 2 * longestPassword,
      autoSignIn: false,
    },
    plugins: [
      username({
        minUsernameLength: 1,
        maxUsernameLength: 64,
        usernameValidator: isUsername,
        usernameNormalization: (name) => name.toLowerCase(),
      }),
    ],
    // It would write email addresses and reasons of refusals to the console.
    logger: { disabled: true },
    telemetry: { enabled: false },
  })

export type Auth = ReturnType<typeof openAuth>
