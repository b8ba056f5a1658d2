import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { defaultTiming } from '../protocol/timing.ts'
import { openAuth } from './accounts/auth.ts'
import { dpopVerifier } from './accounts/dpop-verifier.ts'
import { purge } from './accounts/purge.ts'
import { inProcessBus } from './bus/in-process.ts'
import { callRoutes } from './calls/call-routes.ts'
import { type Calls, calls } from './calls/calls.ts'
import { countMissed } from './calls/missed-calls.ts'
import { operatorRoutes } from './cli/operator-routes.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { checkpoints } from './database/checkpoints.ts'
import type { Database } from './database/tables.ts'
import { writeProbe } from './database/write-probe.ts'
import { every } from './every.ts'
import { app } from './http/app.ts'
import { authentication } from './http/authentication.ts'
import { clientAddressOf, clientOf } from './http/client-address.ts'
import { originFilter } from './http/extension-origins.ts'
import { healthRoutes } from './http/health-routes.ts'
import { serverOriginsOf } from './http/server-origins.ts'
import { sessionRoutes } from './http/session-routes.ts'
import { webAddress } from './listen.ts'
import type { Log } from './log.ts'
import { mailer } from './mail/mailer.ts'
import type { OutboxWorker } from './mail/outbox-worker.ts'
import { pageOffers } from './mail/page-addresses.ts'
import { accountLinkRoutes } from './my-account/account-link-routes.ts'
import { myAccountRoutes } from './my-account/my-account-routes.ts'
import { openId } from './openid/open-id.ts'
import { accountPageRoutes } from './pages/account-page-routes.ts'
import { pageRoutes } from './pages/page-routes.ts'
import { handleMessage } from './presence/message-handler.ts'
import { type Presence, presence } from './presence/presence.ts'
import { reachabilityRecord } from './presence/reachability-record.ts'
import { openSocket, type Socket } from './presence/socket.ts'
import { scimAuthentication } from './scim/authentication.ts'
import { scimRoutes } from './scim/scim-routes.ts'

export interface Dependencies {
  readonly config: Config
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly secret: string
  readonly operatorKey: string
  /** Known once the server listens. */
  readonly publicUrl: () => string
  /** On this machine; known then too. */
  readonly localUrl: () => string
}

export interface Composed {
  readonly server: Server
  readonly socket: Socket
  readonly presence: Presence
  readonly calls: Calls
  readonly outboxWorker: OutboxWorker
  readonly auth: ReturnType<typeof openAuth>
  /** Ends every stream of events. */
  readonly stopping: AbortController
  /** Looks at every deadline. Never rejects. */
  tick(): Promise<void>
  /** Writes what waits for the next write probe. */
  flush(): Promise<void>
}

/** Whoever asks has so many ms to say what. */
const serverOptions = { headersTimeout: 10_000, requestTimeout: 15_000, connectionsCheckingInterval: 5_000 }

/** What is over is dropped this often, in ms. */
const purgeEvery = 60_000

/** Builds the parts of a server and joins them. Nothing runs until the HTTP server listens. */
export function compose(given: Dependencies): Composed {
  const { config, db, clock, log, secret, operatorKey, publicUrl } = given
  const bus = inProcessBus((subject, err) => log.error({ err, subject }, 'a message on the bus failed'))
  const auth = openAuth(db, secret, config.publicUrl ?? webAddress(config.host, config.port))
  const stopping = new AbortController()
  const mayConnect = originFilter(config.extensionOrigins)
  const secure = config.publicUrl?.startsWith('https:') === true
  const lifetimes = config.sessionLifetimes
  const from = clientOf(config.trustProxy)
  const serverOrigins = () => serverOriginsOf(publicUrl(), given.localUrl())
  const proofs = dpopVerifier(db, clock, secret, serverOrigins)
  const roomAddress = (room: string) =>
    (config.roomUrl ?? `${publicUrl()}/rooms/{room}`).replaceAll('{room}', room)

  const record = reachabilityRecord(db)
  const probe = writeProbe({
    db,
    clock,
    together: record.flush,
    onLost: (err) => {
      log.error({ err }, 'the database takes no write: nobody is reachable until it does')
      present.storageLost()
    },
    onError: (err) => log.error({ err }, 'who was reachable could not be written down yet'),
  })
  const purging = every(clock, purgeEvery, () =>
    purge(db, clock.wall()).catch((err) => log.error({ err }, 'what is over stays in the database for now')),
  )
  const post = mailer({ config, db, clock, log, secret, publicUrl })
  const checkpoint = checkpoints(db, clock)
  const calling = calls({ db, bus, clock, writeProbe: probe, log, ringFor: config.ringFor, roomAddress })
  const present = presence({
    db,
    bus,
    clock,
    timing: defaultTiming,
    lifetimes,
    record,
    isWritable: probe.isWritable,
    countMissed: (userId, from, until) => countMissed(db, userId, from, until),
  })

  const issuer = openId({
    ...{ config, db, clock, log, bus, secret, secure, publicUrl, serverOrigins },
    clientOf: from,
  })
  const http = app({
    db,
    clock,
    log,
    operatorKey,
    mayConnect,
    secure,
    proofs: authentication({ db, clock, proofs, lifetimes, clientOf: from }),
    provisioners: scimAuthentication({ db, clock, clientOf: from }),
    routes: [
      ...healthRoutes({
        isWritable: probe.isWritable,
        signIn: () => ({ issuer: issuer.offer, ...pageOffers(publicUrl(), config.signUp) }),
      }),
      ...sessionRoutes({ db, auth, clock, bus, lifetimes, secret, clientOf: from }),
      ...issuer.routes,
      ...accountLinkRoutes({ db, clock, publicUrl }),
      ...callRoutes({ db, bus, calls: calling, roomAddress, stopping: stopping.signal }),
      ...operatorRoutes(bus),
      ...pageRoutes(db),
      ...scimRoutes({
        ...{ db, auth, bus, clock, log, secret, publicUrl },
        clientOf: from,
        wake: post.wake,
      }),
      ...myAccountRoutes({
        ...{ db, auth, bus, clock, publicUrl, secure },
        clientOf: from,
        issuer: config.openId?.name ?? 'Google',
        wake: post.wake,
      }),
      ...accountPageRoutes({
        db,
        auth,
        bus,
        clock,
        publicUrl,
        clientAddressOf: clientAddressOf(config.trustProxy),
        signUp: config.signUp,
        wake: post.wake,
      }),
    ],
  })
  const server = createAdaptorServer({ fetch: http.fetch, serverOptions }) as Server
  const messageHandler = { db, bus, clock, timing: defaultTiming, presence: present, calls: calling, proofs }
  const socket = openSocket(server, {
    clock,
    log,
    mayConnect,
    clientOf: from,
    challenge: proofs.challenge,
    hear: (connection, message) => handleMessage(messageHandler, connection, message),
    leave: present.leave,
  })

  return {
    server,
    socket,
    presence: present,
    calls: calling,
    outboxWorker: post,
    auth,
    stopping,
    async tick() {
      socket.tick()
      present.tick()
      calling.tick()
      post.tick()
      await probe.tick()
      await checkpoint()
      await purging()
    },
    flush: async () => (await record.flush(db))(),
  }
}
