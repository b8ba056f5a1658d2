import * as client from 'openid-client'
import * as v from 'valibot'
import type { OpenIdConfig } from './openid-config.ts'

/** One answer of the issuer is waited for so long, in seconds. */
const answerWithin = 8
/** What the issuer says of itself is believed for so long, in ms. */
const metadataLifetime = 3_600_000
const discoveryTries = 2

/** What was made for one sign-in and has to come back unchanged. */
export interface FlowSecrets {
  readonly state: string
  readonly nonce: string
  /** PKCE, of this server towards the issuer. */
  readonly verifier: string
}

/** What the issuer says of a person, its signature verified. */
export interface IssuerClaims {
  readonly sub: string
  readonly email?: string | undefined
  readonly emailVerified: boolean
  readonly name?: string | undefined
  readonly picture?: string | undefined
  readonly locale?: string | undefined
}

/** The issuer did not answer, or not in time. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable'
}

/** The issuer's answer is not to be believed, or makes no sense. */
export class IssuerUntrusted extends Error {
  override readonly name = 'IssuerUntrusted'
}

export interface OpenIdClient {
  /** Where a person signs in. @throws IssuerUnavailable, IssuerUntrusted */
  authorizationUrl(flow: FlowSecrets, callback: string): Promise<URL>
  /**
   * Redeems what the issuer sent back to `callback` and says who signed in.
   *
   * @param answered the callback address as it was opened, with its query.
   * @throws IssuerUnavailable, IssuerUntrusted
   */
  redeemCallback(flow: FlowSecrets, answered: URL): Promise<IssuerClaims>
}

const loose = <T>(schema: v.GenericSchema<unknown, T>) => v.fallback(v.optional(schema), undefined)

const claims = v.object({
  sub: v.pipe(v.string(), v.nonEmpty(), v.maxLength(255)),
  email: loose(v.pipe(v.string(), v.maxLength(254))),
  // Nothing but `true` is true: what is not said, or said in another way, is not verified.
  email_verified: loose(v.boolean()),
  name: loose(v.string()),
  picture: loose(v.string()),
  locale: loose(v.string()),
})

/** An OpenID Connect issuer, found by discovery. */
export function createOpenIdClient(config: OpenIdConfig, monotonic: () => number): OpenIdClient {
  let known: { readonly found: Promise<client.Configuration>; readonly at: number } | undefined

  const find = (): Promise<client.Configuration> => {
    if (known && monotonic() - known.at < metadataLifetime) return known.found
    const found = discover(config)
    known = { found, at: monotonic() }
    // What failed is tried again by whoever asks next.
    found.catch(() => {
      if (known?.found === found) known = undefined
    })
    return found
  }

  return {
    async authorizationUrl({ state, nonce, verifier }, callback) {
      const found = await find()
      return client.buildAuthorizationUrl(found, {
        redirect_uri: callback,
        response_type: 'code',
        scope: 'openid email profile',
        prompt: 'select_account',
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
    },
    async redeemCallback({ state, nonce, verifier }, answered) {
      const found = await find()
      try {
        const tokens = await client.authorizationCodeGrant(found, answered, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        const verified = tokens.claims()
        // Many issuers say the email only here. The library holds its `sub` against the verified one.
        const more =
          verified && verified.email === undefined && found.serverMetadata().userinfo_endpoint
            ? await client.fetchUserInfo(found, tokens.access_token, verified.sub)
            : {}
        return claimsOf({ ...more, ...verified })
      } catch (cause) {
        throw failureOf(cause)
      }
    },
  }
}

async function discover(config: OpenIdConfig): Promise<client.Configuration> {
  const { issuer, clientId, clientSecret, clientAuth } = config
  const secretWay = clientAuth === 'basic' ? client.ClientSecretBasic : client.ClientSecretPost
  const authentication = clientSecret === undefined ? client.None() : secretWay(clientSecret)
  // Without this the library trusts TLS for the id token; with it, only the issuer's signature.
  const execute = [client.enableNonRepudiationChecks]
  if (new URL(issuer).protocol === 'http:') execute.push(client.allowInsecureRequests)
  const options = { execute, timeout: answerWithin, [client.customFetch]: askIssuer }
  for (let tried = 1; ; tried += 1)
    try {
      return await client.discovery(new URL(issuer), clientId, undefined, authentication, options)
    } catch (cause) {
      if (tried === discoveryTries) throw failureOf(cause)
    }
}

function claimsOf(received: unknown): IssuerClaims {
  const { email_verified: emailVerified, ...rest } = v.parse(claims, received)
  return { ...rest, emailVerified: emailVerified === true }
}

/** Tells an issuer that cannot answer from one that answers wrongly, whatever the library makes of either. */
const askIssuer: client.CustomFetch = async (url, options) => {
  let response: Response
  try {
    response = await fetch(url, options as RequestInit)
  } catch (cause) {
    throw new IssuerUnavailable('the issuer did not answer', { cause })
  }
  if (response.status < 500) return response
  await response.body?.cancel()
  throw new IssuerUnavailable(`the issuer answered with ${response.status}`)
}

function failureOf(cause: unknown): IssuerUnavailable | IssuerUntrusted {
  for (let at = cause; at instanceof Error; at = at.cause) {
    if (at instanceof IssuerUnavailable) return at
    // It began to answer and did not end.
    if (at instanceof DOMException && (at.name === 'TimeoutError' || at.name === 'AbortError'))
      return new IssuerUnavailable('the issuer took too long', { cause })
  }
  return new IssuerUntrusted('the issuer’s answer was refused', { cause })
}
