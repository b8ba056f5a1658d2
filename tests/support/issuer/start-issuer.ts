import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import {
  type CertifiedIssuer,
  certifiedIssuer,
  client,
  type PersonThere,
} from '../../server/openid/certified-issuer.ts'
import { type Server, startServer } from '../server/start-server.ts'

export const gwen: PersonThere = {
  ...{ sub: 'gwen-4711', email: 'gwen@clinic.example', email_verified: true, name: 'Gwen Green' },
  ...{ picture: 'https://pictures.invalid/gwen.png', locale: 'de' },
}
export const hank: PersonThere = {
  ...{ sub: 'hank-4712', email: 'hank@clinic.example', email_verified: true, name: 'Hank Hill' },
}
export const unverified: PersonThere = {
  ...hank,
  sub: 'uma-1',
  email: 'uma@clinic.example',
  name: 'Uma',
  email_verified: false,
}
export const stranger: PersonThere = { ...hank, sub: 'sam-1', email: 'sam@elsewhere.example', name: 'Sam' }

export interface InteractiveIssuer extends CertifiedIssuer {
  /** From now on its account chooser does not answer, until `release`. */
  readonly hold: () => void
  readonly release: () => void
  /** How often its account chooser was requested. */
  readonly requests: () => number
}

/** The certified issuer, with an account chooser that a person uses. */
export async function startIssuer(): Promise<InteractiveIssuer> {
  const shown = [gwen, hank, unverified, stranger]
  const others = new Map([
    ['olga@clinic.example', { ...hank, sub: 'olga-1', email: 'olga@clinic.example', name: 'Olga' }],
  ])
  let held: PromiseWithResolvers<void> | undefined
  let requests = 0

  async function who(request: IncomingMessage, response: ServerResponse) {
    const show = (page: string) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
      return 'asked' as const
    }
    if (request.method !== 'POST') {
      requests += 1
      await held?.promise
      return show(chooserPage(shown))
    }
    const form = new URLSearchParams(await text(request))
    const [account, email] = [form.get('account'), form.get('email')]
    if (account === 'another') return show(anotherPage())
    if (account === 'nobody') return null
    return others.get(email ?? '') ?? shown.find(({ sub }) => sub === account) ?? show(chooserPage(shown))
  }

  const it = await certifiedIssuer(gwen, who)
  return Object.assign(it, {
    hold: () => {
      held ??= Promise.withResolvers()
    },
    release: () => {
      held?.resolve()
      held = undefined
    },
    requests: () => requests,
  })
}

/** A server whose people can sign in at an issuer that stands beside it. */
export async function startServerWithIssuer(
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly server: Server; readonly issuer: InteractiveIssuer }> {
  const issuer = await startIssuer()
  const server = await startServer({
    ...{ OPENID_ISSUER: issuer.issuer, OPENID_DOMAINS: 'clinic.example', OPENID_NAME: 'Google' },
    ...{ OPENID_CLIENT_ID: client.id, OPENID_CLIENT_SECRET: client.secret },
    ...more,
  })
  issuer.serve(`${server.url}/auth/issuer/callback`)
  return { server, issuer }
}

const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** The page on which people choose an account, as issuers have one. */
const chooserPage = (accounts: readonly PersonThere[]) =>
  page(
    'Choose an account',
    `${accounts.map(({ sub, name = sub, email = '' }) => button('account', sub, `${name} ${email}`)).join('')}
    ${button('account', 'another', 'Use another account')}
    ${button('account', 'nobody', 'Deny')}`,
  )

const anotherPage = () =>
  page('Sign in', '<label>Email <input name="email" autofocus></label><button>Next</button>')

const button = (name: string, value: string, words: string) =>
  `<p><button name="${name}" value="${escaped(value)}">${escaped(words)}</button></p>`

const page = (title: string, form: string) =>
  `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1><form method="post">${form}</form></html>`
