import type { SignInOffers } from '../../protocol/http.ts'
import type { Config } from '../config.ts'
import type { Route } from '../http/route.ts'
import { openIssuer } from './issuer.ts'
import { callbackPath, openIdRoutes } from './openid-routes.ts'
import { type SignInAtIssuerDependencies, signInAtIssuer } from './sign-in-at-issuer.ts'

export interface OpenIdDependencies extends Omit<SignInAtIssuerDependencies, 'at' | 'issuer' | 'domains'> {
  readonly config: Config
  readonly secure: boolean
  readonly publicUrl: () => string
  readonly serverOrigins: () => readonly string[]
}

export interface OpenId {
  /** What devices are told of it; null while it is off. */
  readonly offer: SignInOffers['issuer']
  readonly routes: readonly Route[]
}

/** Signing in at the configured issuer; nothing at all when none is. */
export function openId({
  config,
  secure,
  publicUrl,
  serverOrigins,
  ...dependencies
}: OpenIdDependencies): OpenId {
  const { openId: given } = config
  if (!given) return { offer: null, routes: [] }
  const { issuer, domains, name, returnTo } = given
  const at = openIssuer(given, dependencies.clock.monotonic)
  const callback = () => `${publicUrl()}${callbackPath}`
  const otherHosts = () =>
    config.publicUrl === undefined
      ? serverOrigins()
          .filter((origin) => origin !== publicUrl())
          .map((origin) => new URL(origin).host)
      : []
  const signIns = signInAtIssuer({ ...dependencies, at, issuer, domains })
  return { offer: { name }, routes: openIdRoutes({ signIns, returnTo, callback, secure, otherHosts }) }
}
