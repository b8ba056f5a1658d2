import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { defaultTiming } from '../protocol/timing.ts'
import { openAuth } from './accounts/auth.ts'
import { inProcessBus } from './bus/in-process.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { checkpoints } from './database/checkpoints.ts'
import { pulse } from './database/pulse.ts'
import type { Database } from './database/tables.ts'
import { addressOf } from './http/address-of.ts'
import { app } from './http/app.ts'
import { callRoutes } from './http/call-routes.ts'
import { healthRoutes } from './http/health-routes.ts'
import { operatorRoutes } from './http/operator-routes.ts'
import { originFilter } from './http/origins.ts'
import { sessionRoutes } from './http/session-routes.ts'
import { webAddress } from './listen.ts'
import type { Log } from './log.ts'
import { pageOffers } from './mail/page-addresses.ts'
import { postOffice } from './mail/post-office.ts'
import type { Postman } from './mail/postman.ts'
import { accountPageRoutes } from './pages/account-page-routes.ts'
import { pageRoutes } from './pages/page-routes.ts'
import { converse } from './presence/conversation.ts'
import { type Presence, presence } from './presence/presence.ts'
import { reachabilityRecord } from './presence/reachability-record.ts'
import { openSocket, type Socket } from './presence/socket.ts'
import { countMissed } from './ringing/missed-calls.ts'
import { type Ringing, ringing } from './ringing/ringing.ts'

export interface Given {
  readonly config: Config
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly secret: string
  readonly operatorKey: string
  /** Known once the server listens. */
  readonly publicUrl: () => string
}

export interface Parts {
  readonly server: Server
  readonly socket: Socket
  readonly presence: Presence
  readonly ringing: Ringing
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

/** Builds the parts of a server and joins them. Nothing runs until the HTTP server listens. */
export function compose({ config, db, clock, log, secret, operatorKey, publicUrl }: Given): Parts {
  const bus = inProcessBus((subject, err) => log.error({ err, subject }, 'a message on the bus failed'))
  const auth = openAuth(db, secret, config.publicUrl ?? webAddress(config.host, config.port))
  const stopping = new AbortController()
  const mayConnect = originFilter(config.extensionOrigins)
  const roomAddress = (room: string) =>
    (config.roomUrl ?? `${publicUrl()}/rooms/{room}`).replaceAll('{room}', room)

  const record = reachabilityRecord(db)
  const beating = pulse(db, clock, record.flush, (err) => {
    log.error({ err }, 'the database takes no write: nobody is reachable until it does')
    present.storageLost()
  })
  const post = postOffice({ config, db, clock, log, secret, publicUrl })
  const checkpoint = checkpoints(db, clock)
  const rings = ringing({ db, bus, clock, pulse: beating, log, ringFor: config.ringFor, roomAddress })
  const present = presence({
    db,
    bus,
    clock,
    timing: defaultTiming,
    record,
    keeps: beating.keeps,
    countMissed: (userId, from, until) => countMissed(db, userId, from, until),
    onLease: (userId, line) =>
      rings
        .ringAgain(userId, line)
        .catch((err) => log.error({ err }, 'a ringing call could not be rung again')),
  })

  const http = app({
    db,
    clock,
    log,
    operatorKey,
    mayConnect,
    secure: config.publicUrl?.startsWith('https:') === true,
    routes: [
      ...healthRoutes(beating.keeps, () => pageOffers(publicUrl(), config.signUp)),
      ...sessionRoutes({ db, auth, clock, bus, addressOf: addressOf(config.trustProxy) }),
      ...callRoutes({ db, bus, ringing: rings, roomAddress, stopping: stopping.signal }),
      ...operatorRoutes(bus),
      ...pageRoutes(db),
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
  const conversation = { db, bus, clock, timing: defaultTiming, presence: present, ringing: rings }
  const socket = openSocket(server, {
    clock,
    log,
    mayConnect,
    hear: (line, message) => converse(conversation, line, message),
    leave: present.leave,
  })

  return {
    server,
    socket,
    presence: present,
    ringing: rings,
    postman: post,
    auth,
    stopping,
    async sweep() {
      socket.sweep()
      present.sweep()
      rings.sweep()
      post.sweep()
      await beating.sweep()
      await checkpoint()
    },
    flush: () => record.flush(db),
  }
}
