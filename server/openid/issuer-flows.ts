import * as v from 'valibot'
import type { IssuerStart } from '../../protocol/http.ts'
import { hashOf, keyedHash, newSecret, readSigned, sign } from '../accounts/secrets.ts'
import { deleteBatch } from '../database/delete-batch.ts'
import type { Database } from '../database/tables.ts'
import type { FlowSecrets } from './openid-client.ts'

/** A sign-in takes at most so long, in ms, from its beginning to the issuer's answer. */
export const flowLifetime = 600_000
/** Whoever comes later is told so for so long, in ms, after its beginning. */
export const lateUntil = 1_200_000

/** So many that came to nothing, of one browser or address within the time of one, are none that people make. */
const mostFailed = 200
const failedWithin = flowLifetime

export interface BegunFlow {
  readonly secrets: FlowSecrets
  /** For the browser that began to keep and bring back. Only we can make it, and for this state alone. */
  readonly kept: string
}

/**
 * Begins a sign-in. All that is known of it goes to the browser: the server keeps nothing, so that nobody who begins
 * very many leaves no room for others.
 */
export function beginFlow(
  secret: string,
  { return_to: returnTo, state: extensionState, code_challenge: challenge }: IssuerStart,
  now: number,
): BegunFlow {
  const secrets = secretsOf(secret, newSecret())
  const flow = { returnTo, state: extensionState, challenge, madeAt: now } satisfies v.InferInput<
    typeof keptFlow
  >
  const text = Buffer.from(JSON.stringify(flow)).toString('base64url')
  return { secrets, kept: sign(secret, purpose, text, `${secrets.state}.`) }
}

const purpose = 'openid-flow'

/** The state tells the rest to us and to nobody else. */
const secretsOf = (secret: string, state: string): FlowSecrets => ({
  state,
  nonce: keyedHash(secret, 'openid-nonce', state),
  verifier: keyedHash(secret, 'openid-verifier', state),
})

const keptFlow = v.object({
  returnTo: v.string(),
  /** The extension's own, given back with the code. */
  state: v.string(),
  /** PKCE of the extension towards us. */
  challenge: v.string(),
  /** Wall-clock ms. */
  madeAt: v.number(),
})

export type Flow = v.InferOutput<typeof keptFlow>

export type EndedFlow =
  | { readonly kind: 'good'; readonly flow: Flow; readonly secrets: FlowSecrets }
  | { readonly kind: 'expired'; readonly flow: Flow }
  /** Nothing was ended. `wait`: ms. */
  | { readonly kind: 'too-many'; readonly flow: Flow; readonly wait: number }
  /** Never begun, begun in another browser, or ended before: nobody knows where it would go back to. */
  | { readonly kind: 'unknown' }

export interface FlowToEnd {
  /** As the issuer gave it back. */
  readonly state: string
  /** As the browser gave it back. Whoever did not begin the sign-in has none: they could be led into another's. */
  readonly kept: string | undefined
  /** By whom sign-ins that come to nothing are counted. */
  readonly by: string
}

/**
 * Ends the sign-in of `state`, once: it has come to nothing, unless `flowSucceeded` says otherwise. Call it in a
 * transaction.
 */
export async function endFlow(
  db: Database,
  secret: string,
  { state, kept, by }: FlowToEnd,
  now: number,
): Promise<EndedFlow> {
  const flow = readKept(secret, state, kept)
  if (!flow || Math.abs(now - flow.madeAt) > lateUntil) return { kind: 'unknown' }
  const hash = hashOf(state)
  const before = await db.selectFrom('issuerFlow').select('hash').where('hash', '=', hash).executeTakeFirst()
  if (before) return { kind: 'unknown' }
  const wait = await timeUntilNext(db, by, now)
  if (wait > 0) return { kind: 'too-many', flow, wait }
  await db.insertInto('issuerFlow').values({ hash, by, endedAt: now, succeeded: 0 }).execute()
  return Math.abs(now - flow.madeAt) <= flowLifetime
    ? { kind: 'good', flow, secrets: secretsOf(secret, state) }
    : { kind: 'expired', flow }
}

/** What we gave a browser for this state; undefined when it is not ours. */
function readKept(secret: string, state: string, kept = ''): Flow | undefined {
  const text = readSigned(secret, purpose, kept, `${state}.`)
  if (text === undefined) return undefined
  const parsed = v.safeParse(keptFlow, JSON.parse(Buffer.from(text, 'base64url').toString()))
  return parsed.success ? parsed.output : undefined
}

/** How long until one more sign-in may come to nothing, in ms; 0 when it may now. */
async function timeUntilNext(db: Database, by: string, now: number): Promise<number> {
  const blocking = await db
    .selectFrom('issuerFlow')
    .select('endedAt')
    .where('by', '=', by)
    .where('succeeded', '=', 0)
    // One from the future was written before the clock was set back.
    .where((e) => e.between('endedAt', now - failedWithin + 1, now))
    .orderBy('endedAt', 'desc')
    .offset(mostFailed - 1)
    .limit(1)
    .executeTakeFirst()
  return blocking ? blocking.endedAt + failedWithin - now : 0
}

/** The sign-in of `state` ended with somebody who is let in. Call it in the transaction of that. */
export async function flowSucceeded(db: Database, state: string): Promise<void> {
  await db.updateTable('issuerFlow').set({ succeeded: 1 }).where('hash', '=', hashOf(state)).execute()
}

/** Drops sign-ins that no browser could bring back any more. */
export const deleteExpiredFlows = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'issuerFlow', 'endedAt', now - 3_600_000)
