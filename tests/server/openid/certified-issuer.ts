import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { interactionPolicy } from 'oidc-provider'
import { onTestFinished } from 'vitest'

export interface PersonThere {
  readonly sub: string
  readonly email?: string
  readonly email_verified?: boolean
  readonly name?: string
  readonly picture?: string
  readonly locale?: string
}

export interface CertifiedIssuer {
  readonly issuer: string
  /** Who will sign in next; null: whoever it is says no. */
  person: PersonThere | null
  /** Tells the issuer which server its client is. */
  serve(callback: string): void
}

/** Who signs in now: null when they say no, `asked` when a page was shown that asks. */
export type Who = (
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<PersonThere | null | 'asked'>

export const client = { id: 'reachable', secret: 'a-secret-that-nobody-sees-4711' }

/**
 * oidc-provider, in this process. Its people consent without being asked, and by default sign in so too.
 *
 * @param who asks whoever is at the browser, by a page in place of the issuer's account chooser.
 */
export async function certifiedIssuer(person: PersonThere, who?: Who): Promise<CertifiedIssuer> {
  let handle = (_request: IncomingMessage, response: ServerResponse): void =>
    void response.writeHead(503).end()
  const server = createServer((request, response) => handle(request, response))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const it: CertifiedIssuer = {
    issuer,
    person,
    serve(callback) {
      const provider = openProvider(issuer, callback, () => it.person)
      const answer = provider.callback()
      handle = (request, response) => {
        if (request.url?.startsWith('/interaction/'))
          void interact(provider, request, response, it, who).catch((fault) =>
            response.writeHead(500).end(String(fault)),
          )
        else void answer(request, response)
      }
    },
  }
  return it
}

function openProvider(issuer: string, callback: string, person: () => PersonThere | null): Provider {
  const policy = interactionPolicy.base()
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0)
  return new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [callback],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'picture', 'locale'] },
    cookies: { keys: ['for-tests'] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ ...person(), sub }) }),
    interactions: { policy, url: (_context, { uid }) => `/interaction/${uid}` },
  })
}

async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  it: CertifiedIssuer,
  who?: Who,
): Promise<void> {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response)
  if (who && prompt.name === 'select_account') {
    const chosen = await who(request, response)
    if (chosen === 'asked') return
    it.person = chosen
  }
  const { person } = it
  if (!person) {
    const no = { error: 'access_denied', error_description: 'They said no.' }
    return provider.interactionFinished(request, response, no)
  }
  if (prompt.name === 'select_account')
    return provider.interactionFinished(request, response, {
      select_account: {},
      login: { accountId: person.sub },
    })
  if (prompt.name === 'login')
    return provider.interactionFinished(request, response, { login: { accountId: person.sub } })
  const grant =
    (grantId === undefined ? undefined : await provider.Grant.find(grantId)) ??
    new provider.Grant({ accountId: session?.accountId ?? '', clientId: String(params.client_id) })
  grant.addOIDCScope('openid email profile')
  const consent = { grantId: await grant.save() }
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true })
}
