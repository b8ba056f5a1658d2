import * as client from 'openid-client'
import * as v from 'valibot'
import { askIssuer, IssuerUnavailable, IssuerUntrusted } from './issuer-fetch.ts'
import { isEndpointOf, type OpenIdConfig } from './openid-config.ts'

/** One answer of the issuer is waited for so long, to its last byte, in seconds. */
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

const address = v.object({
  email: loose(v.pipe(v.string(), v.maxLength(254))),
  // Nothing but `true` is true: what is not said, or said in another way, is not verified.
  email_verified: loose(v.boolean()),
})

const profile = v.object({
  sub: v.pipe(v.string(), v.nonEmpty(), v.maxLength(255)),
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
        const idToken = tokens.claims()
        if (!idToken) throw new IssuerUntrusted('the issuer gave no id token')
        // The library asks for whom a token of one audience was made only where there are several.
        if (idToken.azp !== undefined && idToken.azp !== config.clientId)
          throw new IssuerUntrusted('the id token was made for another client')
        // Many issuers say the email only here. The library holds its `sub` against the verified one.
        const userinfo =
          !hasEmail(idToken) && found.serverMetadata().userinfo_endpoint
            ? await client.fetchUserInfo(found, tokens.access_token, idToken.sub)
            : undefined
        return claimsOf(idToken, userinfo)
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
      const found = await client.discovery(new URL(issuer), clientId, undefined, authentication, options)
      checkEndpoints(config, found.serverMetadata())
      return found
    } catch (cause) {
      if (tried === discoveryTries) throw failureOf(cause)
    }
}

/** Whatever else the issuer calls its own, people and secrets are sent to these. @throws IssuerUntrusted */
function checkEndpoints(config: OpenIdConfig, metadata: client.ServerMetadata): void {
  const { authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint } = metadata
  const used = { authorization_endpoint, token_endpoint, jwks_uri }
  const optional = userinfo_endpoint === undefined ? {} : { userinfo_endpoint }
  for (const [name, url] of Object.entries({ ...used, ...optional }))
    if (!isEndpointOf(config.issuer, url)) throw new IssuerUntrusted(`the issuer’s ${name} cannot be one`)
}

/** A document of the issuer, as it came. */
type Claims = Readonly<Record<string, unknown>>

const hasEmail = (document: Claims) => (document.email ?? null) !== null

/**
 * What the issuer says of a person, in an id token and perhaps in userinfo of the same `sub`. An address is verified
 * only by the document that names it: the other one may mean another address.
 *
 * @throws v.ValiError when there is no `sub`.
 */
export function claimsOf(idToken: Claims, userinfo: Claims = {}): IssuerClaims {
  const { email, email_verified: verified } = v.parse(address, hasEmail(idToken) ? idToken : userinfo)
  const emailVerified = email !== undefined && verified === true
  return { ...v.parse(profile, { ...userinfo, ...idToken }), email, emailVerified }
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
