import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { nameError, normalizedName } from '../../protocol/display-name.ts'
import { chromiumId, firefoxId } from '../../protocol/extension.ts'
import { isLoopback } from '../../protocol/loopback.ts'

const google = 'https://accounts.google.com'

const list = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** By https, or by http on this machine; with nothing behind the path. */
function isSafeAddress(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && !/[?#\s]/.test(text) && isPrivate(url)
}

/** Whether nobody on the way can read along; an address with a password in it is somebody's mistake, or trap. */
function isPrivate({ protocol, hostname, username, password }: URL): boolean {
  if (username || password) return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

/**
 * Whether an issuer may send people and us there: by https; by http only on this machine, and only where the issuer
 * is there itself, so that one from outside reaches nothing that listens for us alone.
 */
export function isEndpointOf(issuer: string, text: unknown): boolean {
  const url = typeof text === 'string' && !/[#\s]/.test(text) ? URL.parse(text) : null
  return url !== null && isPrivate(url) && (url.protocol === 'https:' || new URL(issuer).protocol === 'http:')
}

const text = (what: string, longest: number) =>
  v.pipe(v.string(), v.trim(), v.nonEmpty(what), v.maxLength(longest, what))

/** What fits on the button, in characters. */
const longestButton = 40

/** The settings for signing in at an OpenID Connect issuer, as `readConfig` reads them. */
export const openIdEnvironment = {
  OPENID_ISSUER: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.check(
        isSafeAddress,
        'OPENID_ISSUER must be the issuer’s address by https (http only on this machine): https://accounts.google.com.',
      ),
    ),
    google,
  ),
  OPENID_NAME: v.optional(
    v.pipe(
      v.string(),
      v.transform(normalizedName),
      v.check(
        (name) => nameError(name) === undefined && [...name].length <= longestButton,
        `OPENID_NAME must be a name of at most ${longestButton} characters, for the button.`,
      ),
    ),
  ),
  OPENID_CLIENT_ID: v.optional(
    text('OPENID_CLIENT_ID must be the id that the issuer gave this server.', 300),
  ),
  OPENID_CLIENT_SECRET: v.optional(
    text('OPENID_CLIENT_SECRET must be the secret that the issuer gave this server.', 1_000),
  ),
  OPENID_CLIENT_AUTH: v.optional(
    v.picklist(['post', 'basic'], 'OPENID_CLIENT_AUTH must be post or basic: how the secret is sent.'),
    'post',
  ),
  OPENID_DOMAINS: v.optional(
    v.pipe(
      v.string(),
      v.transform((value) => list(value.toLowerCase())),
      v.check(
        (domains) => domains.every((domain) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain)),
        'OPENID_DOMAINS must be domains of email addresses with commas between: clinic.example,clinic.test.',
      ),
    ),
    '',
  ),
  OPENID_RETURN_TO: v.optional(
    v.pipe(
      v.string(),
      v.transform(list),
      v.check(
        (addresses) => addresses.every((address) => isSafeAddress(address) && address.length <= 300),
        'OPENID_RETURN_TO must be exact addresses with commas between: https://abcdefghijklmnop.chromiumapp.org/.',
      ),
    ),
    '',
  ),
}

export interface OpenIdConfig {
  /** The issuer's identifier, to the letter. */
  readonly issuer: string
  /** What people know it by. */
  readonly name: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly clientAuth: 'post' | 'basic'
  /** Domains of email addresses for which accounts may be made; without any, none are. */
  readonly domains: readonly string[]
  /** Exact addresses that a sign-in may come back to. */
  readonly returnTo: readonly string[]
}

/** @returns undefined when no client is configured: signing in at an issuer is off. */
export function openIdConfig(
  given: v.InferOutput<v.ObjectSchema<typeof openIdEnvironment, undefined>>,
): OpenIdConfig | undefined {
  const { OPENID_ISSUER: issuer, OPENID_CLIENT_ID: clientId } = given
  if (clientId === undefined) return undefined
  return {
    issuer,
    name:
      given.OPENID_NAME ?? (issuer === google ? 'Google' : new URL(issuer).hostname.slice(0, longestButton)),
    clientId,
    clientSecret: given.OPENID_CLIENT_SECRET,
    clientAuth: given.OPENID_CLIENT_AUTH,
    domains: given.OPENID_DOMAINS,
    returnTo: [...ownReturns, ...given.OPENID_RETURN_TO],
  }
}

/** What is to be told of the client's id without its secret, and of the secret without the id. */
export function openIdWarnings(
  given: v.InferOutput<v.ObjectSchema<typeof openIdEnvironment, undefined>>,
): string[] {
  const { OPENID_CLIENT_ID: id, OPENID_CLIENT_SECRET: secret } = given
  if ((id === undefined) === (secret === undefined)) return []
  return [
    id === undefined
      ? 'OPENID_CLIENT_SECRET is set and OPENID_CLIENT_ID is not: nobody can sign in at the issuer.'
      : 'OPENID_CLIENT_ID is set and OPENID_CLIENT_SECRET is not: Google and most other issuers refuse every sign-in without it.',
  ]
}

const firefoxHash = createHash('sha1').update(firefoxId).digest('hex')

/** Where Chromium and Firefox end a sign-in of our extension; Firefox knows two addresses. */
const ownReturns = [
  `https://${chromiumId}.chromiumapp.org/`,
  `https://${firefoxHash}.extensions.allizom.org/`,
  `http://127.0.0.1/mozoauth2/${firefoxHash}`,
]
