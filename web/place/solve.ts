import { solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2'

/**
 * Does the work that the server asks for while much comes at once.
 *
 * @param text JSON of `altcha-lib`'s challenge. @returns its payload; undefined where the browser cannot do it.
 */
export async function solve(text: string): Promise<string | undefined> {
  const challenge = JSON.parse(text) as Parameters<typeof solveChallenge>[0]['challenge']
  try {
    const solution = await solveChallenge({ challenge, deriveKey, timeout: 60_000 })
    return solution ? JSON.stringify({ challenge, solution }) : undefined
  } catch {
    return undefined
  }
}
