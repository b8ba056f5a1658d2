import { timingSafeEqual } from 'node:crypto'
import type { Refusal } from '../../protocol/http.ts'
import type { ApiKey } from '../accounts/api-keys.ts'
import type { ProofError } from '../accounts/dpop-proof.ts'
import type { DpopVerifier, Proven } from '../accounts/dpop-verifier.ts'
import { isKnownKey } from '../accounts/known-devices.ts'
import { createProofRateLimit } from '../accounts/proof-rate-limit.ts'
import { recordRefusedProof } from '../accounts/refused-proof.ts'
import { hashOf } from '../accounts/secrets.ts'
import type { SessionLifetimes } from '../accounts/session-lifetimes.ts'
import { findSession, type Session, sessionLifeLeft } from '../accounts/sessions.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { KeyScope } from '../key-scopes.ts'
import { bearerToken, parseAuthorization } from './authorization-header.ts'
import type { ClientOf } from './client-address.ts'
import { createProgramKeys, type ShownKey } from './program-keys.ts'
import { Refused } from './refused.ts'
import type { Context, Route } from './route.ts'

export interface AuthenticationDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly dpop: DpopVerifier
  readonly lifetimes: SessionLifetimes
  readonly clientOf: ClientOf
  /** Of this installation. */
  readonly secret: string
  /** Of this run of the server. */
  readonly operatorKey: string
  /** OPERATOR_EMAIL, if there is one. */
  readonly operatorEmail?: string | undefined
}

/**
 * The commands of this machine's operator, by the key that the running server wrote down for them. It lives no longer than
 * the server, so that nothing is provisioned by it, or sent on to an address later.
 */
const operator: ApiKey = {
  id: 'operator',
  name: 'Server operator',
  scopes: ['calls', 'messages', 'presence', 'expected-calls', 'contacts', 'metrics'],
}

/** Who asks. Each throws `Refused` with what to do about it. */
export interface Authentication {
  /** @returns the thumbprint of the key that the device holds. */
  device(context: Context, credential: Route['credential']): Promise<string>
  /** @returns the session that the device has, by a token that is no good without its key. */
  session(context: Context): Promise<Session>
  /** @returns the key of a program that may do this; the operator may too, nearly all of it. */
  caller(context: Context, scope: KeyScope): Promise<ApiKey>
  /** A program that may read how the server fares; the operator may too. */
  watcher(context: Context): Promise<void>
  operator(context: Context): Promise<void>
}

const messages: Record<ProofError, string> = {
  missing: 'This needs a proof of the device’s key, in the header DPoP.',
  malformed: 'The proof in the header DPoP is none: it must be signed with ES256 by a key of its own.',
  'wrong-method': 'The proof was made for another method.',
  'wrong-address':
    'The proof was made for another address. If people reach this server there, set PUBLIC_URL.',
  'wrong-token': 'The proof was made for another token.',
  'wrong-key': 'This session belongs to another key.',
  'wrong-nonce': 'The proof was made for something else.',
  replayed: 'This proof was used already.',
}

/** What a request shows of who makes it. */
interface Shown {
  readonly proof: string | undefined
  readonly token?: string
  readonly bearer?: boolean
  /** That of the token, while it is live. */
  readonly session?: Session | undefined
  readonly credential?: Route['credential']
}

export function createAuthentication({
  db,
  clock,
  dpop,
  lifetimes,
  clientOf,
  secret,
  operatorKey,
  operatorEmail,
}: AuthenticationDependencies): Authentication {
  const limit = createProofRateLimit()

  /** Who asks is counted by what is known of them; by key and address where that is nothing. */
  const admit = async (
    context: Context,
    key: string,
    { session, credential }: Pick<Shown, 'session' | 'credential'>,
  ): Promise<number> => {
    const shown = await credential?.(context)
    const known = shown ?? (session || (await isKnownKey(db, key)) ? key : undefined)
    const now = clock.monotonic()
    if (known !== undefined) return limit.ofKnown(known, now)
    return limit.ofStranger({ key, address: clientOf(context.env.incoming).address }, now)
  }

  const prove = async (context: Context, { proof, token, bearer, session, credential }: Shown) => {
    const { method, path } = context.req
    const bound = { ...(token !== undefined && { token }), ...(session && { jkt: session.jkt }) }
    const proven = await dpop.verifyRequest(proof, { method, path, ...bound }, (key) =>
      admit(context, key, { session, credential }),
    )
    if (proven.kind === 'proven') return proven.jkt
    if (proven.kind === 'stale') throw again(context, proven)
    if (proven.kind === 'too-many') throw Refused.tooMany('Too many requests at once.', proven.wait)
    const from = clientOf(context.env.incoming)
    const refused = { why: proven.why, path, from, session, bearer }
    const wait = await recordRefusedProof({ db, secret }, refused, clock.wall())
    const refusal = (error: Refusal['error']) =>
      challenge(context, 'invalid_dpop_proof', messages[proven.why], error)
    // Told however often it comes: when the server's address changes, every device behind one comes with it.
    if (proven.why === 'wrong-address') throw refusal('wrong-address')
    if (wait === 0) throw refusal('unauthorized')
    throw Refused.tooMany('Too many refused proofs.', wait)
  }

  const keys = createProgramKeys({ db, clock, clientOf, secret, operatorEmail }, (shown) =>
    isSame(shown, operatorKey) ? operator : undefined,
  )

  const watchers = rememberWatchers(clock)

  /** What is tried without a right key goes on record; an address that tries too many has to wait. */
  const refuseKey = async (context: Context, given: ShownKey, message: string): Promise<never> => {
    const wait = await keys.refuse(context, 'api-key-refused', given)
    throw wait === 0 ? new Refused('unauthorized', message) : Refused.tooMany('Too many refused keys.', wait)
  }

  const readCaller = async (
    context: Context,
    scope: KeyScope,
  ): Promise<ShownKey & { readonly key: ApiKey }> => {
    const { shown, key } = await keys.read(context)
    if (key?.scopes.includes(scope)) return { shown, key }
    const message = key
      ? `This key is not made for this: it does not hold the scope ${scope}.`
      : `This needs an API key, sent as "Authorization: Bearer KEY". Make one with: npm run api-key -- create NAME${scope === 'calls' ? '' : ` --scopes ${scope}`}`
    return refuseKey(context, { shown, key }, message)
  }

  return {
    caller: async (context, scope) => (await readCaller(context, scope)).key,
    async watcher(context) {
      const given = await keys.read(context).catch((error) => {
        if (watchers.isKnown(context)) return undefined
        throw error
      })
      if (!given || given.key === operator) return
      if (given.key?.scopes.includes('metrics')) return watchers.remember(given)
      watchers.forget(given)
      await refuseKey(
        context,
        given,
        'This needs a key for metrics, sent as "Authorization: Bearer KEY". Make one with: npm run api-key -- create NAME --metrics',
      )
    },
    async operator(context) {
      const given = await readCaller(context, 'calls')
      if (given.key !== operator) await refuseKey(context, given, 'Only the operator may do this.')
    },
    device: (context, credential) => prove(context, { proof: context.req.header('dpop'), credential }),
    async session(context) {
      const authorization = parseAuthorization(context.req.header('authorization'))
      if (!authorization) throw challenge(context, 'invalid_token', 'This needs a session.')
      const { scheme, token } = authorization
      const session = await findSession(db, token, clock.wall())
      // Whoever has a token as a mere bearer is refused as one without a proof, and that goes on record.
      const bearer = scheme === 'bearer'
      const proof = bearer ? undefined : context.req.header('dpop')
      await prove(context, { proof, token, bearer, session })
      if (session && (await sessionLifeLeft(db, lifetimes, session.id, clock.wall())) > 0) return session
      throw challenge(context, 'invalid_token', 'This session is over. Log in again.')
    },
  }
}

/** Found out in a time that does not depend on how near one comes to the other. */
const isSame = (secret: string, other: string) =>
  timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(hashOf(other)))

function again(context: Context, { nonce }: Proven & { kind: 'stale' }): Refused {
  context.header('DPoP-Nonce', nonce)
  context.header('WWW-Authenticate', 'DPoP error="use_dpop_nonce", algs="ES256"')
  return new Refused('use-dpop-nonce', 'The proof has to be made again, with the nonce that is given here.')
}

function challenge(
  context: Context,
  error: string,
  message: string,
  refusal: Refusal['error'] = 'unauthorized',
): Refused {
  context.header('WWW-Authenticate', `DPoP error="${error}", algs="ES256"`)
  return new Refused(refusal, message)
}

/** A key that read metrics so lately, in ms, reads them while the database cannot be asked: that is when it matters. */
const watchersKnownFor = 15 * 60_000

/** Programs that watch the server, by a hash of their key: few, since each was known to the database. */
function rememberWatchers(clock: Clock) {
  const seenAt = new Map<string, number>()
  return {
    remember({ shown }: ShownKey) {
      if (shown !== undefined) seenAt.set(hashOf(shown), clock.monotonic())
    },
    forget({ shown }: ShownKey) {
      if (shown !== undefined) seenAt.delete(hashOf(shown))
    },
    isKnown(context: Context): boolean {
      const shown = bearerToken(context.req.header('authorization'))
      const at = shown === undefined ? undefined : seenAt.get(hashOf(shown))
      return at !== undefined && clock.monotonic() - at <= watchersKnownFor
    },
  }
}
