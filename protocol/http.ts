import * as v from 'valibot'

/** What a server offers besides username and password; the addresses are its own pages. */
export const signInOffers = v.object({
  /** The OpenID Connect issuer that people may sign in with, by the name for its button; null when there is none. */
  issuer: v.nullable(v.object({ name: v.pipe(v.string(), v.nonEmpty(), v.maxLength(40)) })),
  forgot: v.nullable(v.string()),
  signUp: v.nullable(v.string()),
})

/** `GET /health`: how anyone tells that an address is a Reachable server, and which lines it speaks. */
export const health = v.object({
  service: v.literal('reachable'),
  protocols: v.array(v.number()),
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
  account: v.object({
    id: v.string(),
    username: v.nullable(v.string()),
    email: v.string(),
    name: v.string(),
  }),
})

/** `POST /api/session/end`: end the session that this token belongs to. Always answered 204. */
export const endSessionRequest = v.object({ endToken: v.pipe(v.string(), v.maxLength(512)) })

/** Every refusal of the API has this body and an HTTP status that fits. `message` is for people. */
export const refusal = v.object({
  error: v.picklist([
    'bad-request',
    'wrong-credentials',
    'too-many-attempts',
    'unauthorized',
    'no-such-account',
    'no-such-call',
    'already-over',
    'not-found',
    'too-large',
    'storage',
    'internal',
  ]),
  message: v.string(),
  /** Seconds to wait, with `too-many-attempts`; also in the header `Retry-After`. */
  retryAfter: v.optional(v.number()),
})

/** `POST /api/calls`, with an API key. `to` is a username or email; `from` the name shown to the callee. */
export const placeCallRequest = v.object({
  to: v.pipe(
    v.string(),
    v.trim(),
    v.nonEmpty('Say whom to call: a username or an email address.'),
    v.maxLength(254, 'No username or email address is that long.'),
  ),
  from: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.nonEmpty('Leave the name out rather than empty.'),
      v.maxLength(100, 'A name shown to the person called has at most 100 characters.'),
    ),
  ),
})

/**
 * A call as its caller sees it. `state` ends at one of the last four; `devices` is how many devices
 * acknowledged the ring; `answer` is what the caller is told at once; `room` comes with `answered`.
 */
export const call = v.object({
  id: v.string(),
  to: v.string(),
  from: v.string(),
  state: v.picklist(['placed', 'ringing', 'answered', 'declined', 'cancelled', 'missed']),
  answer: v.nullable(v.picklist(['ringing', 'unreachable', 'busy'])),
  devices: v.number(),
  why: v.nullable(v.string()),
  at: v.number(),
  endedAt: v.nullable(v.number()),
  room: v.nullable(v.string()),
})

export type Health = v.InferOutput<typeof health>
export type SignInOffers = v.InferOutput<typeof signInOffers>
export type SignInRequest = v.InferOutput<typeof signInRequest>
export type SignInResponse = v.InferOutput<typeof signInResponse>
export type Refusal = v.InferOutput<typeof refusal>
export type Call = v.InferOutput<typeof call>
