import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { createDpopVerifier } from '../../../server/accounts/dpop-verifier.ts'
import { defaultLifetimes } from '../../../server/accounts/session-lifetimes.ts'
import { createApp } from '../../../server/http/app.ts'
import { createAuthentication } from '../../../server/http/authentication.ts'
import { clientOf } from '../../../server/http/client-address.ts'
import { errorPages } from '../../../server/pages/error-pages.ts'
import type { TestServer } from '../support/in-process-server.ts'

export interface GuardedServer {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** The real authentication of a server in front of one route that tells a session whose it is. */
export async function guardedServer(at: TestServer, port = 0): Promise<GuardedServer> {
  const db = await at.db()
  const { clock } = at
  let url = ''
  const dpop = createDpopVerifier(db, clock, 's'.repeat(32), () => [url])
  const http = createApp({
    log: pino({ level: 'silent' }),
    secure: false,
    mayConnect: () => true,
    scimAuthentication: (_context, next) => next(),
    errorPages,
    authentication: createAuthentication({
      db,
      clock,
      dpop,
      lifetimes: defaultLifetimes,
      clientOf: clientOf(false),
      secret: 's'.repeat(32),
      operatorKey: 'operator',
    }),
    routes: [
      {
        method: 'GET',
        path: '/api/me',
        admits: 'session',
        handle: (context) => context.json(context.get('session').account),
      },
    ],
  })
  const server = createAdaptorServer({ fetch: http.fetch }) as Server
  // A client that keeps a connection would not notice at once that the server behind it is another.
  server.maxRequestsPerSocket = 1
  const close = async () => {
    server.closeAllConnections()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(close)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const real = (server.address() as AddressInfo).port
  url = `http://127.0.0.1:${real}`
  return { url, port: real, close }
}
