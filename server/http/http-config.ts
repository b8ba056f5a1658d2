import * as v from 'valibot'
import { isForExtension } from '../../protocol/loopback.ts'
import { isWebAddress, onOff, type ReadFrom } from '../environment.ts'

const isOrigin = (text: string) => /^[a-z][a-z0-9+.-]*:\/\/[^/\s]+$/i.test(text)

export const httpEnvironment = {
  PUBLIC_URL: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.check(
        (text) => isWebAddress(text) && new URL(text).pathname === '/' && !/[?#]/.test(text),
        'PUBLIC_URL must be the address people reach this server at, without a path: https://reachable.example.',
      ),
      v.transform((text) => new URL(text).origin),
    ),
  ),
  EXTENSION_ORIGINS: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) =>
        text
          .split(',')
          .map((part) => part.trim().toLowerCase())
          .filter((part) => part !== ''),
      ),
      v.check(
        (origins) => origins.every(isOrigin),
        'EXTENSION_ORIGINS must be origins with commas between: chrome-extension://abcdefghijklmnop.',
      ),
    ),
    '',
  ),
  TRUST_PROXY: v.optional(onOff('TRUST_PROXY'), 'off'),
}

export interface HttpConfig {
  /** Without a slash at its end; by default made of the host and the real port. */
  readonly publicUrl?: string | undefined
  /** Origins of extensions allowed besides our own, in lower case. */
  readonly extensionOrigins: readonly string[]
  /** Whether `X-Forwarded-For` tells who is asking. */
  readonly trustProxy: boolean
}

export const httpConfig = (environment: ReadFrom<typeof httpEnvironment>): HttpConfig => ({
  publicUrl: environment.PUBLIC_URL,
  extensionOrigins: environment.EXTENSION_ORIGINS,
  trustProxy: environment.TRUST_PROXY,
})

/** What is to be told at the start about settings that are right each for itself; undefined when there is nothing. */
export function proxyWarning({ publicUrl, trustProxy }: HttpConfig): string | undefined {
  if (trustProxy || publicUrl?.startsWith('https:') !== true) return undefined
  return (
    'PUBLIC_URL is https, so there is a proxy before this server, and TRUST_PROXY is off: everybody counts as the ' +
    'proxy’s one address, and whoever types wrong passwords there keeps all others waiting. ' +
    'Set TRUST_PROXY=on if the proxy sets X-Forwarded-For.'
  )
}

/** What is to be told at the start of an address that no extension takes; undefined of any other. */
export function addressWarning({ publicUrl }: Pick<HttpConfig, 'publicUrl'>): string | undefined {
  if (publicUrl === undefined || isForExtension(publicUrl)) return undefined
  return `PUBLIC_URL is ${publicUrl}: the extension refuses to send passwords in clear over a network. Put a TLS proxy before the server, and set the https address.`
}
