import * as v from 'valibot'
import { signedInAccount } from './connection.ts'
import { longestName, type NameError, nameError, normalizedName, shownName } from './display-name.ts'

/** What a server offers besides username and password; the addresses are its own pages. */
export const signInOffers = v.object({
  /** The OpenID Connect issuer that people may sign in with, by the name for its button; null when there is none. */
  issuer: v.nullable(v.object({ name: v.pipe(v.string(), v.transform(shownName), v.nonEmpty()) })),
  forgot: v.nullable(v.string()),
  signUp: v.nullable(v.string()),
})

/**
 * `GET /health`: how anyone tells that an address is a Reachable server, and which versions of the messages it speaks.
 */
export const health = v.object({
  service: v.literal('reachable'),
  protocols: v.array(v.number()),
  /** Whether people can speak in the room of an answered call. */
  canRoom: v.optional(v.boolean(), true),
  signIn: v.optional(signInOffers, { issuer: null, forgot: null, signUp: null }),
})

/** `POST /api/session`: sign in. `login` is a username or an email address. */
export const signInRequest = v.object({
  login: v.pipe(v.string(), v.trim(), v.nonEmpty('Enter your username.'), v.maxLength(254)),
  password: v.pipe(v.string(), v.nonEmpty('Enter your password.'), v.maxLength(1_024)),
  staySignedIn: v.boolean(),
  device: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
})

/**
 * The session. `token` is the bearer secret. `endToken` can do nothing but end this one session, so a
 * device may keep it after it has forgotten `token`, until the server has heard of the log-out.
 */
export const signInResponse = v.object({
  token: v.string(),
  endToken: v.string(),
  account: signedInAccount,
})

/**
 * `POST /api/session/code`: sign in with the one-time code that ended a sign-in at the issuer. `verifier` is
 * the PKCE verifier (RFC 7636) of the challenge that this device gave at the start. Answered like `/api/session`.
 */
export const codeSignInRequest = v.object({
  code: v.pipe(v.string(), v.nonEmpty(), v.maxLength(512)),
  verifier: v.pipe(v.string(), v.minLength(43), v.maxLength(128)),
  staySignedIn: v.boolean(),
  device: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
})

/**
 * `GET /auth/issuer/start`, opened by the browser: begins a sign-in at the issuer. Its parameters; the
 * return address is not called `redirect_uri`, a name that Firefox reads as its own.
 */
export const issuerStart = v.object({
  return_to: v.pipe(v.string(), v.nonEmpty(), v.maxLength(300)),
  state: v.pipe(v.string(), v.minLength(20), v.maxLength(128)),
  code_challenge: v.pipe(v.string(), v.minLength(43), v.maxLength(43)),
})

/** How a sign-in at the issuer can end without a code: the parameter `error` of the return address. */
export const issuerErrors = [
  'denied',
  'unverified-email',
  /** There is an account with this address, but nobody has shown yet that the address is theirs. */
  'account-unverified',
  'domain-not-allowed',
  'account-disabled',
  'issuer-silent',
  'issuer-fault',
  'expired',
  /** With `retry_after`, in seconds. */
  'too-many-attempts',
] as const

/** `POST /api/account/link`, with a session: a page address that signs this browser in to the account's pages once. */
export const accountLinkResponse = v.object({ url: v.pipe(v.string(), v.url()) })

/** `POST /api/session/end`: end the session that this token belongs to. Always answered 204. */
export const endSessionRequest = v.object({ endToken: v.pipe(v.string(), v.maxLength(512)) })

/** Every refusal of the API has this body and an HTTP status that fits. `message` is for people. */
export const refusal = v.object({
  error: v.picklist([
    'bad-request',
    'wrong-credentials',
    'too-many-attempts',
    'unauthorized',
    /** The proof has to be made again with the nonce of the header `DPoP-Nonce` (RFC 9449, section 8). */
    'use-dpop-nonce',
    /** The device knows the server by an address that is not one of its own. */
    'wrong-address',
    'no-such-account',
    'no-such-call',
    'already-over',
    /** The call was not answered, or its room is over. */
    'no-room',
    /** The `Idempotency-Key` belongs to another call. */
    'idempotency-key-reused',
    'not-found',
    'too-large',
    'storage',
    /** Too much was going on: nothing was done. */
    'busy',
    'stopping',
    'internal',
  ]),
  message: v.string(),
  /** Seconds to wait, with `too-many-attempts` and `busy`; also in the header `Retry-After`. */
  retryAfter: v.optional(v.number()),
})

const callerNameErrors: Record<NameError, string> = {
  missing: 'Leave the name out rather than empty.',
  'too-long': `A name shown to the person called has at most ${longestName} characters.`,
  control:
    'A name shown to the person called has no control characters, line breaks or signs that turn its direction.',
}

/** Who calls, as the person called is shown it. */
export const callerName = v.pipe(
  v.string(),
  v.transform(normalizedName),
  v.check(
    (name) => nameError(name) === undefined,
    ({ input }) => callerNameErrors[nameError(input) ?? 'missing'],
  ),
)

/**
 * `POST /api/calls`, with an API key. `to` is a username or email; `from` the name shown to the callee; `waitFor`
 * for how many seconds the call waits for a device when none can be reached.
 */
export const placeCallRequest = v.object({
  to: v.pipe(
    v.string(),
    v.trim(),
    v.nonEmpty('Say whom to call: a username or an email address.'),
    v.maxLength(254, 'No username or email address is that long.'),
  ),
  from: v.optional(callerName),
  waitFor: v.optional(
    v.pipe(
      v.number('This takes whole seconds, from 0 to 120.'),
      v.integer('This takes whole seconds, from 0 to 120.'),
      v.minValue(0, 'This takes whole seconds, from 0 to 120.'),
      v.maxValue(120, 'This takes whole seconds, from 0 to 120.'),
    ),
    0,
  ),
})

/** The caller's own id of a call, in the header `Idempotency-Key`: visible ASCII. */
export const idempotencyKey = v.pipe(
  v.string(),
  v.regex(/^[!-~]{1,255}$/, 'Idempotency-Key takes 1 to 255 visible ASCII characters.'),
)

/**
 * A call as its caller sees it. `state` ends at one of the last four; `disposition` is what the caller was told
 * first; `devices` is how many ring now; `deadline` is when it ends by itself; `room` comes with `answered`, and opens a
 * room of the server's own once, within five minutes. `canRoom` is false where whoever answers cannot be spoken with: the
 * server has neither https, without which no browser gives camera or microphone, nor another meeting room.
 */
export const call = v.object({
  id: v.string(),
  to: v.string(),
  from: v.string(),
  state: v.picklist(['placed', 'ringing', 'waiting', 'answered', 'declined', 'cancelled', 'missed']),
  disposition: v.nullable(v.picklist(['ringing', 'unreachable', 'busy'])),
  devices: v.number(),
  why: v.nullable(v.string()),
  at: v.number(),
  deadline: v.number(),
  endedAt: v.nullable(v.number()),
  room: v.nullable(v.string()),
  canRoom: v.boolean(),
})

/** `POST /api/calls/:id/room`: an address that opens the room once more. */
export const callRoom = v.object({ room: v.string() })

export type Health = v.InferOutput<typeof health>
export type SignInOffers = v.InferOutput<typeof signInOffers>
export type SignInRequest = v.InferOutput<typeof signInRequest>
export type CodeSignInRequest = v.InferOutput<typeof codeSignInRequest>
export type IssuerStart = v.InferOutput<typeof issuerStart>
export type IssuerError = (typeof issuerErrors)[number]
export type SignInResponse = v.InferOutput<typeof signInResponse>
export type Refusal = v.InferOutput<typeof refusal>
export type Call = v.InferOutput<typeof call>
