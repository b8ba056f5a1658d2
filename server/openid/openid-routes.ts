import { getCookie } from 'hono/cookie'
import * as v from 'valibot'
import { issuerStart } from '../../protocol/http.ts'
import { hostCookie } from '../http/host-cookie.ts'
import type { Context, Route } from '../http/route.ts'
import { localeOf } from '../pages/locale-of.ts'
import { lateUntil } from './issuer-flows.ts'
import type { KnownBrowser } from './known-browser.ts'
import type { SignInAtIssuer } from './sign-in-at-issuer.ts'
import { type SignInStop, signInStoppedPage } from './sign-in-stopped-page.ts'

export interface OpenIdRouteDependencies {
  readonly signIns: SignInAtIssuer
  /** Exactly where a sign-in may come back to. */
  readonly returnTo: readonly string[]
  /** By the address that people use. */
  readonly callback: () => string
  readonly secure: boolean
  readonly knownBrowser: KnownBrowser
  /** Other names of this machine, on which its cookies would not be found at the callback. */
  readonly otherHosts: () => readonly string[]
}

const startPath = '/auth/issuer/start'
export const callbackPath = '/auth/issuer/callback'
/** A browser keeps so many sign-ins under way: a page that begins more and more of them would fill its headers. */
const mostUnderWay = 8

/** The way of a browser to the issuer and back. It ends at an address of an extension, or at a page. */
export function openIdRoutes(dependencies: OpenIdRouteDependencies): Route[] {
  const { signIns, returnTo, callback, secure, knownBrowser, otherHosts } = dependencies

  /** One cookie for each sign-in: two windows must not undo each other. */
  const cookieNamed = (name: string) => hostCookie({ secure, name, path: '/auth/issuer' })
  const cookieOf = (state: string) => cookieNamed(`issuer-${state.slice(0, 16)}`)
  const underWay = cookieNamed('issuer-').name

  /** Browsers name the cookies that they have had for longest first. */
  const dropOldest = (context: Context) => {
    const names = Object.keys(getCookie(context)).filter((name) => name.startsWith(underWay))
    for (const name of names.slice(0, Math.max(0, names.length - mostUnderWay + 1)))
      cookieNamed(`issuer-${name.slice(underWay.length)}`).clear(context)
  }

  const stopped = (context: Context, why: SignInStop) =>
    context.html(signInStoppedPage(localeOf(context), why), 400)

  const back = (context: Context, to: string, answer: Readonly<Record<string, string>>) => {
    const url = new URL(to)
    for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value)
    return context.redirect(url.href, 302)
  }

  return [
    {
      method: 'GET',
      path: startPath,
      admits: 'anyone',
      async handle(context) {
        if (!isNavigation(context)) return stopped(context, 'no-start')
        const asked = v.safeParse(issuerStart, context.req.query())
        if (otherHosts().includes(context.req.header('host') ?? ''))
          return context.redirect(
            new URL(`${startPath}${new URL(context.req.url).search}`, callback()).href,
            302,
          )
        // Nothing is sent to an address that is not ours: the code would be somebody else's.
        if (!asked.success || !returnTo.includes(asked.output.return_to)) return stopped(context, 'no-start')
        const { return_to: to, state } = asked.output
        const began = await signIns.begin(asked.output, callback())
        if (began.kind === 'refused') return back(context, to, { error: began.error, state })
        dropOldest(context)
        cookieOf(began.state).set(context, began.kept, lateUntil / 1_000)
        return context.redirect(began.url.href, 302)
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
        const cookie = cookieOf(state)
        const brought = { state, kept: cookie.read(context), browser: knownBrowser.read(context) }
        const ended = await signIns.end(answered, brought, context.env.incoming)
        if (ended.kind === 'unknown') return stopped(context, 'unknown')
        cookie.clear(context)
        if ('code' in ended.outcome) knownBrowser.remember(context)
        return back(context, ended.returnTo, { ...ended.outcome, state: ended.state })
      },
    },
  ]
}

/**
 * Whether a browser goes there in sight of its person. A page of another site can have it ask for anything besides, as
 * an image, in a frame or beforehand, as often as it likes. Whoever says nothing of it is no browser of today.
 */
function isNavigation({ req }: Context): boolean {
  const [mode = 'navigate', destination = 'document'] = ['sec-fetch-mode', 'sec-fetch-dest'].map((name) =>
    req.header(name),
  )
  const purpose = req.header('sec-purpose') ?? req.header('purpose') ?? ''
  return mode === 'navigate' && destination === 'document' && !/prefetch/i.test(purpose)
}
