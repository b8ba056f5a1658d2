import type { IssuerStart } from '../../protocol/http.ts'
import { addressKey } from '../accounts/address-key.ts'
import { hashOf, keyedHash, newSecret } from '../accounts/secrets.ts'
import type { IssuerFlowTable } from '../database/issuer-tables.ts'
import type { Database } from '../database/tables.ts'
import type { FlowSecrets } from './openid-client.ts'

/** A sign-in takes at most so long, in ms, from its beginning to the issuer's answer. */
export const flowLifetime = 600_000
/** More sign-ins than this begun from one address in that time are none that people make. */
const mostBegun = 200

export interface BegunFlow {
  readonly secrets: FlowSecrets
  /** What the browser has to bring back, and nobody else has. */
  readonly browserSecret: string
}

/** @returns undefined when too many were begun from this address. */
export async function beginFlow(
  db: Database,
  secret: string,
  { return_to: returnTo, state, code_challenge: challenge }: IssuerStart,
  from: string,
  now: number,
): Promise<BegunFlow | undefined> {
  const address = addressKey(from)
  const { begun } = await db
    .selectFrom('issuerFlow')
    .select((e) => e.fn.countAll<number>().as('begun'))
    .where('address', '=', address)
    .where('madeAt', '>', now - flowLifetime)
    .executeTakeFirstOrThrow()
  if (begun >= mostBegun) return undefined
  const secrets = secretsOf(secret, newSecret())
  const browserSecret = newSecret()
  await db
    .insertInto('issuerFlow')
    .values({
      hash: hashOf(secrets.state),
      browser: hashOf(browserSecret),
      returnTo,
      state,
      challenge,
      address,
      madeAt: now,
      endedAt: null,
    })
    .execute()
  return { secrets, browserSecret }
}

/** The state tells the rest to us and to nobody else: whoever reads the database cannot finish a sign-in. */
const secretsOf = (secret: string, state: string): FlowSecrets => ({
  state,
  nonce: keyedHash(secret, 'openid-nonce', state),
  verifier: keyedHash(secret, 'openid-verifier', state),
})

export type Flow = Pick<IssuerFlowTable, 'returnTo' | 'state' | 'challenge'>

export type EndedFlow =
  | { readonly kind: 'good'; readonly flow: Flow; readonly secrets: FlowSecrets }
  | { readonly kind: 'expired'; readonly flow: Flow }
  /** Never begun, begun in another browser, or ended before: nobody knows where it would go back to. */
  | { readonly kind: 'unknown' }

/**
 * Ends the sign-in of `state`, once. The browser that began it must have been given `browserSecret`: otherwise
 * somebody could begin a sign-in and have another person finish it.
 */
export async function endFlow(
  db: Database,
  secret: string,
  { state, browserSecret }: { readonly state: string; readonly browserSecret: string | undefined },
  now: number,
): Promise<EndedFlow> {
  if (browserSecret === undefined) return { kind: 'unknown' }
  const flow = await db
    .updateTable('issuerFlow')
    .set({ endedAt: now })
    .where('hash', '=', hashOf(state))
    .where('browser', '=', hashOf(browserSecret))
    .where('endedAt', 'is', null)
    .returning(['returnTo', 'state', 'challenge', 'madeAt'])
    .executeTakeFirst()
  if (!flow) return { kind: 'unknown' }
  return Math.abs(now - flow.madeAt) <= flowLifetime
    ? { kind: 'good', flow, secrets: secretsOf(secret, state) }
    : { kind: 'expired', flow }
}

/** Drops sign-ins an hour after they could be finished, so that whoever comes late is told what happened. */
export async function deleteExpiredFlows(db: Database, now: number): Promise<void> {
  await db
    .deleteFrom('issuerFlow')
    .where('madeAt', '<', now - 3_600_000)
    .execute()
}
