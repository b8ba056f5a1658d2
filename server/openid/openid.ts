import type { SignInOffers } from '../../protocol/http.ts'
import type { Route } from '../http/route.ts'
import { createKnownBrowser } from './known-browser.ts'
import { createOpenIdClient } from './openid-client.ts'
import type { OpenIdConfig } from './openid-config.ts'
import { callbackPath, openIdRoutes } from './openid-routes.ts'
import type { IssuerPolicy } from './resolve-person.ts'
import { createSignInAtIssuer, type SignInAtIssuerDependencies } from './sign-in-at-issuer.ts'

export interface OpenIdDependencies
  extends Omit<SignInAtIssuerDependencies, 'issuerClient' | keyof IssuerPolicy> {
  /** Undefined while nobody can sign in at an issuer. */
  readonly config: OpenIdConfig | undefined
  readonly secure: boolean
  readonly publicUrl: () => string
  /** Where else browsers may find this server: they are sent on to `publicUrl`, to which the issuer sends them back. */
  readonly otherOrigins: () => readonly string[]
}

export interface OpenId {
  /** What devices are told of it; null while it is off. */
  readonly offer: SignInOffers['issuer']
  readonly routes: readonly Route[]
}

/** Signing in at the configured issuer; nothing at all when none is. */
export function createOpenId({
  config,
  secure,
  publicUrl,
  otherOrigins,
  ...dependencies
}: OpenIdDependencies): OpenId {
  if (!config) return { offer: null, routes: [] }
  const { issuer, domains, name, returnTo } = config
  const issuerClient = createOpenIdClient(config, dependencies.clock.monotonic)
  const callback = () => `${publicUrl()}${callbackPath}`
  const otherHosts = () =>
    otherOrigins()
      .filter((origin) => origin !== publicUrl())
      .map((origin) => new URL(origin).host)
  const signIns = createSignInAtIssuer({ ...dependencies, issuerClient, issuer, name, domains })
  const knownBrowser = createKnownBrowser(dependencies.secret, secure)
  const routes = openIdRoutes({ signIns, returnTo, callback, secure, knownBrowser, otherHosts })
  return { offer: { name }, routes }
}
