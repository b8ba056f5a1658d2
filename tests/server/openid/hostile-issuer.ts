import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { onTestFinished } from 'vitest'

/** What is wrong with the id token; undefined leaves a claim out. */
export interface Wrong {
  readonly claims?: Readonly<Record<string, unknown>>
  /** Makes the token instead; given the claims it would have had. */
  readonly token?: (claims: Record<string, unknown>) => string | Promise<string>
  /** Answers at the token endpoint instead. */
  readonly answer?: (response: ServerResponse) => void
  /** What userinfo says besides `sub`; for that the discovery document has to name it, see `metadata`. */
  readonly userinfo?: Readonly<Record<string, unknown>>
  /** Answers at these paths instead. */
  readonly answers?: Readonly<Record<string, (response: ServerResponse) => void>>
  /** Parameters of the redirect back, in place of `code` and `state`. */
  readonly back?: (state: string) => Record<string, string>
}

export interface HostileIssuer {
  readonly issuer: string
  wrong: Wrong
  /** What was asked at the token endpoint, newest last. */
  readonly redeemed: { readonly authorization: string | undefined; readonly form: URLSearchParams }[]
  /** While true, everything is answered with 503. */
  down: boolean
  /** What the discovery document says besides, or instead. */
  metadata: Readonly<Record<string, unknown>>
  /** Every path that was asked for, newest last. */
  readonly asked: readonly string[]
}

/** An issuer that lies as it is told to. What it is not told to lie about is right. */
export async function hostileIssuer(clientId: string): Promise<HostileIssuer> {
  const keys = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k', alg: 'RS256', use: 'sig' }
  const nonces = new Map<string, string>()
  let issuer = ''

  const pages: Record<string, (url: URL, request: IncomingMessage, response: ServerResponse) => unknown> = {
    '/.well-known/openid-configuration': (_url, _request, response) =>
      json(response, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        ...it.metadata,
      }),
    '/jwks': (_url, _request, response) => json(response, { keys: [jwk] }),
    '/authorize': ({ searchParams: asked }, _request, response) => {
      const code = `code-${nonces.size}`
      nonces.set(code, asked.get('nonce') ?? '')
      const state = asked.get('state') ?? ''
      const to = new URL(asked.get('redirect_uri') ?? '')
      const back = it.wrong.back?.(state) ?? { code, state }
      for (const [name, value] of Object.entries(back)) to.searchParams.set(name, value)
      response.writeHead(302, { location: to.href }).end()
    },
    '/token': async (_url, request, response) => {
      const form = new URLSearchParams(await text(request))
      it.redeemed.push({ authorization: request.headers.authorization, form })
      if (it.wrong.answer) return it.wrong.answer(response)
      const now = Math.floor(Date.now() / 1_000)
      const claims = {
        iss: issuer,
        aud: clientId,
        sub: 'sub-1',
        iat: now,
        exp: now + 300,
        nonce: nonces.get(form.get('code') ?? ''),
        email: 'ann@clinic.example',
        email_verified: true,
        ...it.wrong.claims,
      }
      const sign = () =>
        new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(keys.privateKey)
      const token = it.wrong.token ? await it.wrong.token(claims) : await sign()
      json(response, { access_token: 'access', token_type: 'Bearer', expires_in: 60, id_token: token })
    },
    '/userinfo': (_url, _request, response) => json(response, { sub: 'sub-1', ...it.wrong.userinfo }),
  }

  const asked: string[] = []
  const it: HostileIssuer = {
    get issuer() {
      return issuer
    },
    wrong: {},
    redeemed: [],
    down: false,
    metadata: {},
    asked,
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', issuer)
    asked.push(url.pathname)
    const instead = it.wrong.answers?.[url.pathname]
    if (instead && !it.down) return instead(response)
    const page = it.down ? undefined : pages[url.pathname]
    if (page) void page(url, request, response)
    else response.writeHead(it.down ? 503 : 404).end()
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return it
}

const json = (response: ServerResponse, body: object) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
