import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import * as v from 'valibot'
import { type IssuerError, issuerStart } from '../../protocol/http.ts'
import type { Context, Route } from '../http/route.ts'
import { localeOf } from '../pages/locale-of.ts'
import { flowLifetime } from './issuer-flows.ts'
import type { SignInAtIssuer } from './sign-in-at-issuer.ts'
import { type SignInStop, signInStoppedPage } from './sign-in-stopped-page.ts'

export interface OpenIdRouteDependencies {
  readonly signIns: SignInAtIssuer
  /** Exactly where a sign-in may come back to. */
  readonly returnTo: readonly string[]
  /** By the address that people use. */
  readonly callback: () => string
  readonly secure: boolean
  /** Other names of this machine, on which its cookies would not be found at the callback. */
  readonly otherHosts: () => readonly string[]
}

const startPath = '/auth/issuer/start'
export const callbackPath = '/auth/issuer/callback'
const cookiePrefix = 'issuer-'

/** The way of a browser to the issuer and back. It ends at an address of an extension, or at a page. */
export function openIdRoutes(dependencies: OpenIdRouteDependencies): Route[] {
  const { signIns, returnTo, callback, secure, otherHosts } = dependencies

  /** One cookie for each sign-in: two windows must not undo each other. */
  const cookieOf = (state: string) => `${cookiePrefix}${state.slice(0, 16)}`
  const cookie = { path: callbackPath, httpOnly: true, secure, sameSite: 'Lax' } as const

  const stopped = (context: Context, why: SignInStop, status: 400 | 429) =>
    context.html(signInStoppedPage(localeOf(context), why), status)

  const back = (
    context: Context,
    to: string,
    outcome: { code: string } | { error: IssuerError },
    state: string,
  ) => {
    const url = new URL(to)
    for (const [name, value] of Object.entries({ ...outcome, state })) url.searchParams.set(name, value)
    return context.redirect(url.href, 302)
  }

  return [
    {
      method: 'GET',
      path: startPath,
      admits: 'anyone',
      async handle(context) {
        const asked = v.safeParse(issuerStart, context.req.query())
        if (otherHosts().includes(context.req.header('host') ?? ''))
          return context.redirect(
            new URL(`${startPath}${new URL(context.req.url).search}`, callback()).href,
            302,
          )
        // Nothing is sent to an address that is not ours: the code would be somebody else's.
        if (!asked.success || !returnTo.includes(asked.output.return_to))
          return stopped(context, 'no-start', 400)
        const began = await signIns.begin(asked.output, callback(), context.env.incoming)
        switch (began.kind) {
          case 'too-many':
            return stopped(context, 'too-many', 429)
          case 'refused':
            return back(context, asked.output.return_to, { error: began.error }, asked.output.state)
          case 'begun':
            setCookie(context, cookieOf(began.state), began.browserSecret, {
              ...cookie,
              maxAge: flowLifetime / 1_000,
            })
            return context.redirect(began.url.href, 302)
        }
      },
    },
    {
      method: 'GET',
      path: callbackPath,
      admits: 'anyone',
      async handle(context) {
        const answered = new URL(callback())
        answered.search = new URL(context.req.url).search
        const state = context.req.query('state') ?? ''
        const browserSecret = getCookie(context, cookieOf(state))
        const ended = await signIns.end(answered, { state, browserSecret }, context.env.incoming)
        if (ended.kind === 'unknown') return stopped(context, 'unknown', 400)
        deleteCookie(context, cookieOf(state), cookie)
        return back(context, ended.returnTo, ended.outcome, ended.state)
      },
    },
  ]
}
