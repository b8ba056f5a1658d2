import type { Clock } from '../clock.ts'
import { deleteBatch } from '../database/delete-batch.ts'
import type { Database } from '../database/tables.ts'
import { type ProofError, proofWindow, readProof, type ToProve } from './dpop-proof.ts'
import { hashOf, newSecret, readSigned, sign } from './secrets.ts'

export type Proven =
  | { readonly kind: 'proven'; readonly jkt: string }
  /** Sound, but nobody can tell when it was made: to be made again with this nonce. */
  | { readonly kind: 'stale'; readonly nonce: string }
  | { readonly kind: 'refused'; readonly why: ProofError }
  /** Sound and new, but whoever made it asks too often: they wait so many ms, and the proof was not used up. */
  | { readonly kind: 'too-many'; readonly wait: number }

/** What a device has to prove: which request, by which path of this server, with which token and key. */
export interface RequestToProve extends Omit<ToProve, 'urls'> {
  readonly path: string
}

/**
 * Says whether a proof that is sound and new may be remembered, which costs a commit.
 *
 * @param jkt of the key that it is made with.
 * @returns how long to wait, in ms; 0 when it may.
 */
export type Admit = (jkt: string) => number | Promise<number>

/** The one place where proofs are accepted. */
export interface DpopVerifier {
  /** A proof of a request, which is good once. */
  verifyRequest(proof: string | undefined, asked: RequestToProve, admit: Admit): Promise<Proven>
  /** A proof of a connection, which is good because only this connection was given `nonce`. */
  verifyConnection(proof: string, nonce: string, asked: Required<RequestToProve>): Promise<Proven>
  /** For the challenge with which a connection begins. */
  connectionNonce(): string
}

/** Kept this much longer than a proof can be good, in ms, so that setting the clock back brings none to life. */
const rememberedLonger = 3_600_000

/** @param origins where this server is reached: never taken from a request, which could say anything. */
export function createDpopVerifier(
  db: Database,
  clock: Clock,
  secret: string,
  origins: () => readonly string[],
): DpopVerifier {
  const read = (proof: string | undefined, { path, ...asked }: RequestToProve) =>
    readProof(proof, { ...asked, urls: origins().map((origin) => `${origin}${path}`) })

  return {
    async verifyRequest(proof, asked, admit) {
      const found = read(proof, asked)
      if (found.kind === 'refused') return found
      const now = clock.wall()
      const until =
        found.nonce === undefined ? goodUntil(found.madeAt, now) : nonceGoodUntil(secret, found.nonce, now)
      if (until === undefined) return { kind: 'stale', nonce: newNonce(secret, now) }
      const hash = hashOf(`${found.jkt}.${found.jti}`)
      // Looked for first: whoever has seen a proof must not use up what its key is granted.
      if (await isRemembered(db, hash)) return { kind: 'refused', why: 'replayed' }
      const wait = await admit(found.jkt)
      if (wait > 0) return { kind: 'too-many', wait }
      const first = await remember(db, hash, until + rememberedLonger)
      return first ? { kind: 'proven', jkt: found.jkt } : { kind: 'refused', why: 'replayed' }
    },
    async verifyConnection(proof, nonce, asked) {
      const found = read(proof, asked)
      if (found.kind === 'refused') return found
      return found.nonce === nonce
        ? { kind: 'proven', jkt: found.jkt }
        : { kind: 'refused', why: 'wrong-nonce' }
    },
    connectionNonce: newSecret,
  }
}

const goodUntil = (madeAt: number, now: number): number | undefined =>
  Math.abs(now - madeAt) <= proofWindow ? Math.ceil(madeAt + proofWindow) : undefined

const isRemembered = async (db: Database, hash: string): Promise<boolean> =>
  (await db.selectFrom('proof').select('hash').where('hash', '=', hash).executeTakeFirst()) !== undefined

/** @returns whether it is the first of its kind. */
async function remember(db: Database, hash: string, until: number): Promise<boolean> {
  const result = await db
    .insertInto('proof')
    .values({ hash, until })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows) === 1
}

/** A nonce is good for so long, in ms. */
const nonceLifetime = 300_000
/** One that seems to come from later than this, in ms, was made before somebody set the clock back. */
const ahead = 5_000

const noncePurpose = 'dpop-nonce'

/** A nonce made at `now` (wall-clock ms). Nothing is kept of it: it is known again by its signature. */
const newNonce = (secret: string, now: number): string =>
  sign(secret, noncePurpose, Math.floor(now).toString(36))

/** @returns until when the nonce is good, in wall-clock ms; undefined when it is not ours, or not good now. */
function nonceGoodUntil(secret: string, nonce: string, now: number): number | undefined {
  const at = readSigned(secret, noncePurpose, nonce)
  if (at === undefined) return undefined
  const made = Number.parseInt(at, 36)
  return made <= now + ahead && now < made + nonceLifetime ? made + nonceLifetime : undefined
}

/** Forgets used proofs that are too old to be used again. */
export const deleteExpiredProofs = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'proof', 'until', now)
