import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { defaultTiming } from '../protocol/timing.ts'
import { openAuth } from './accounts/auth.ts'
import { proofKeeper } from './accounts/dpop-verifier.ts'
import { tidy } from './accounts/purge.ts'
import { inProcessBus } from './bus/in-process.ts'
import { callRoutes } from './calls/call-routes.ts'
import { type Calls, calls } from './calls/calls.ts'
import { countMissed } from './calls/missed-calls.ts'
import { operatorRoutes } from './cli/operator-routes.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { checkpoints } from './database/checkpoints.ts'
import type { Database } from './database/tables.ts'
import { pulse } from './database/write-probe.ts'
import { nowAndThen } from './every.ts'
import { app } from './http/app.ts'
import { proofDoor } from './http/authentication.ts'
import { addressOf, originOf } from './http/client-address.ts'
import { originFilter } from './http/extension-origins.ts'
import { healthRoutes } from './http/health-routes.ts'
import { ownOriginsOf } from './http/server-origins.ts'
import { sessionRoutes } from './http/session-routes.ts'
import { webAddress } from './listen.ts'
import type { Log } from './log.ts'
import { postOffice } from './mail/mailer.ts'
import type { Postman } from './mail/outbox-worker.ts'
import { pageOffers } from './mail/page-addresses.ts'
import { accountLinkRoutes } from './my-account/account-link-routes.ts'
import { ownPageRoutes } from './my-account/my-account-routes.ts'
import { openId } from './openid/open-id.ts'
import { accountPageRoutes } from './pages/account-page-routes.ts'
import { pageRoutes } from './pages/page-routes.ts'
import { converse } from './presence/message-handler.ts'
import { type Presence, presence } from './presence/presence.ts'
import { reachabilityRecord } from './presence/reachability-record.ts'
import { openSocket, type Socket } from './presence/socket.ts'
import { provisionerDoor } from './scim/authentication.ts'
import { provisioningRoutes } from './scim/scim-routes.ts'

export interface Given {
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

export interface Parts {
  readonly server: Server
  readonly socket: Socket
  readonly presence: Presence
  readonly calls: Calls
  readonly postman: Postman
  readonly auth: ReturnType<typeof openAuth>
  /** Ends every stream of events. */
  readonly stopping: AbortController
  /** Looks at every deadline. Never rejects. */
  sweep(): Promise<void>
  /** Writes what waits for the next pulse. */
  flush(): Promise<void>
}

/** Whoever asks has so many ms to say what. */
const serverOptions = { headersTimeout: 10_000, requestTimeout: 15_000, connectionsCheckingInterval: 5_000 }

/** What is over is dropped this often, in ms. */
const tidyEvery = 60_000

/** Builds the parts of a server and joins them. Nothing runs until the HTTP server listens. */
export function compose(given: Given): Parts {
  const { config, db, clock, log, secret, operatorKey, publicUrl } = given
  const bus = inProcessBus((subject, err) => log.error({ err, subject }, 'a message on the bus failed'))
  const auth = openAuth(db, secret, config.publicUrl ?? webAddress(config.host, config.port))
  const stopping = new AbortController()
  const mayConnect = originFilter(config.extensionOrigins)
  const secure = config.publicUrl?.startsWith('https:') === true
  const lives = config.sessionLives
  const from = originOf(config.trustProxy)
  const ownOrigins = () => ownOriginsOf(publicUrl(), given.localUrl())
  const proofs = proofKeeper(db, clock, secret, ownOrigins)
  const roomAddress = (room: string) =>
    (config.roomUrl ?? `${publicUrl()}/rooms/{room}`).replaceAll('{room}', room)

  const record = reachabilityRecord(db)
  const beating = pulse({
    db,
    clock,
    together: record.flush,
    onLost: (err) => {
      log.error({ err }, 'the database takes no write: nobody is reachable until it does')
      present.storageLost()
    },
    onFault: (err) => log.error({ err }, 'who was reachable could not be written down yet'),
  })
  const tidying = nowAndThen(clock, tidyEvery, () =>
    tidy(db, clock.wall()).catch((err) => log.error({ err }, 'what is over stays in the database for now')),
  )
  const post = postOffice({ config, db, clock, log, secret, publicUrl })
  const checkpoint = checkpoints(db, clock)
  const calling = calls({ db, bus, clock, pulse: beating, log, ringFor: config.ringFor, roomAddress })
  const present = presence({
    db,
    bus,
    clock,
    timing: defaultTiming,
    lives,
    record,
    keeps: beating.keeps,
    countMissed: (userId, from, until) => countMissed(db, userId, from, until),
  })

  const issuer = openId({
    ...{ config, db, clock, log, bus, secret, secure, publicUrl, ownOrigins },
    originOf: from,
  })
  const http = app({
    db,
    clock,
    log,
    operatorKey,
    mayConnect,
    secure,
    proofs: proofDoor({ db, clock, proofs, lives, originOf: from }),
    provisioners: provisionerDoor({ db, clock, originOf: from }),
    routes: [
      ...healthRoutes({
        keeps: beating.keeps,
        signIn: () => ({ issuer: issuer.offer, ...pageOffers(publicUrl(), config.signUp) }),
      }),
      ...sessionRoutes({ db, auth, clock, bus, lives, secret, originOf: from }),
      ...issuer.routes,
      ...accountLinkRoutes({ db, clock, publicUrl }),
      ...callRoutes({ db, bus, calls: calling, roomAddress, stopping: stopping.signal }),
      ...operatorRoutes(bus),
      ...pageRoutes(db),
      ...provisioningRoutes({
        ...{ db, auth, bus, clock, log, secret, publicUrl },
        originOf: from,
        wake: post.wake,
      }),
      ...ownPageRoutes({
        ...{ db, auth, bus, clock, publicUrl, secure },
        originOf: from,
        issuer: config.openId?.name ?? 'Google',
        wake: post.wake,
      }),
      ...accountPageRoutes({
        db,
        auth,
        bus,
        clock,
        publicUrl,
        addressOf: addressOf(config.trustProxy),
        signUp: config.signUp,
        wake: post.wake,
      }),
    ],
  })
  const server = createAdaptorServer({ fetch: http.fetch, serverOptions }) as Server
  const conversation = { db, bus, clock, timing: defaultTiming, presence: present, calls: calling, proofs }
  const socket = openSocket(server, {
    clock,
    log,
    mayConnect,
    originOf: from,
    challenge: proofs.challenge,
    hear: (connection, message) => converse(conversation, connection, message),
    leave: present.leave,
  })

  return {
    server,
    socket,
    presence: present,
    calls: calling,
    postman: post,
    auth,
    stopping,
    async sweep() {
      socket.sweep()
      present.sweep()
      calling.sweep()
      post.sweep()
      await beating.sweep()
      await checkpoint()
      await tidying()
    },
    flush: async () => (await record.flush(db))(),
  }
}
