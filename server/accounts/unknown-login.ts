import { keyedHash } from './secret-token.ts'
import { normalLogin } from './username.ts'

/** How a login that nobody has is kept: the same each time, and nothing to anyone without the secret. */
export const unknownLogin = (secret: string, login: string): string =>
  keyedHash(secret, 'audit-login', normalLogin(login)).slice(0, 16)
