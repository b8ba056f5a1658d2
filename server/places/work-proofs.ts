import { createChallenge, verifySolution } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import * as v from 'valibot'
import { hashOf, keyedHash } from '../accounts/secrets.ts'
import type { Database } from '../database/tables.ts'

const algorithm = 'PBKDF2/SHA-256'
/** So many rounds a try, of which one in 256 will do: about a second of a phone, and nothing of the server but a look. */
const rounds = 2_000
const keyPrefix = '00'

/** Good for so long, in ms: a phone that is busy takes its time. */
const goodFor = 120_000

const payload = v.object({
  challenge: v.object({
    // All that is signed.
    parameters: v.object({
      algorithm: v.literal(algorithm),
      nonce: v.string(),
      salt: v.string(),
      cost: v.literal(rounds),
      keyLength: v.number(),
      keyPrefix: v.literal(keyPrefix),
      expiresAt: v.number(),
      data: v.object({ place: v.string() }),
    }),
    signature: v.string(),
  }),
  solution: v.object({ counter: v.number(), derivedKey: v.string() }),
})

/**
 * Work that a browser does without anybody's noticing, and a crowd of programs pays for: asked for while much comes at
 * once, and then of everybody alike. A proof is good once, for one place.
 */
export interface WorkProofs {
  /** @returns what is to be solved, as JSON of `altcha-lib`. */
  challenge(placeId: string): Promise<string>
  /** @param proof JSON of `altcha-lib`'s payload. @returns whether it is one, and the first. */
  accept(placeId: string, proof: string): Promise<boolean>
}

export function createWorkProofs({
  db,
  secret,
}: {
  readonly db: Database
  /** Of this installation. */
  readonly secret: string
}): WorkProofs {
  const hmacSignatureSecret = keyedHash(secret, 'work', 'challenge')
  return {
    async challenge(placeId) {
      const challenge = await createChallenge({
        ...{ algorithm, cost: rounds, keyPrefix, deriveKey, hmacSignatureSecret },
        ...{ data: { place: placeId }, expiresAt: new Date(Date.now() + goodFor) },
      })
      return JSON.stringify(challenge)
    },
    async accept(placeId, proof) {
      const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), payload), proof)
      if (!parsed.success) return false
      const { challenge, solution } = parsed.output
      if (challenge.parameters.data.place !== placeId) return false
      const { verified } = await verifySolution({ challenge, solution, deriveKey, hmacSignatureSecret })
      if (!verified) return false
      const used = await db
        .insertInto('proof')
        .values({ hash: hashOf(`work ${challenge.signature}`), until: Date.now() + goodFor })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      return Number(used.numInsertedOrUpdatedRows) === 1
    },
  }
}
