import type { Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createAdaptorServer } from '@hono/node-server'
import { defaultTiming } from '../protocol/timing.ts'
import { recordCounted } from './accounts/audit.ts'
import { createDeviceNotifier } from './accounts/device-notifier.ts'
import { createDpopVerifier } from './accounts/dpop-verifier.ts'
import { linkRequestKinds, settleLinkRequests } from './accounts/link-requests.ts'
import { activateLink } from './accounts/links.ts'
import type { HashCost } from './accounts/password-hash.ts'
import { openPasswords, type Passwords } from './accounts/passwords.ts'
import { shortenSessions } from './accounts/session-rows.ts'
import { createSessionFinder } from './accounts/sessions.ts'
import { apiDocsRoutes } from './api-docs/api-docs-routes.ts'
import type { Bus } from './bus/bus.ts'
import { createInProcessBus } from './bus/in-process-bus.ts'
import { canRoom, roomAddresses, roomWarning } from './calls/call-config.ts'
import { callRoutes, callView } from './calls/call-routes.ts'
import { findAnsweredCall, rehearseCall } from './calls/call-rows.ts'
import { type Calls, openCalls } from './calls/calls.ts'
import { enqueueMissedCallMails, missedCallsToTell } from './calls/missed-call-mails.ts'
import { callRequests } from './calls/people-requests.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { dataDirectoryAt } from './data-directory.ts'
import { awayTelling } from './database/away-telling.ts'
import type { CallRow } from './database/call-tables.ts'
import { checkpoints } from './database/checkpoints.ts'
import { conflictRetries } from './database/retry-conflicts.ts'
import type { Database } from './database/tables.ts'
import { createWriteProbe } from './database/write-probe.ts'
import type { Disk } from './disk.ts'
import { eachForItself } from './each-for-itself.ts'
import { every } from './every.ts'
import { openExpectedCallWatch } from './expected-calls/expected-call-watch.ts'
import { expectedToTell } from './expected-calls/expected-mails.ts'
import { expectedRequests } from './expected-calls/expected-requests.ts'
import { createApp } from './http/app.ts'
import { createAuthentication } from './http/authentication.ts'
import { clientOf } from './http/client-address.ts'
import { extensionOriginFilter } from './http/extension-origins.ts'
import { healthRoutes } from './http/health-routes.ts'
import { proxyWarning } from './http/http-config.ts'
import { markProvenConnections } from './http/mark-proven-connections.ts'
import { operatorRoutes } from './http/operator-routes.ts'
import { watchRequests } from './http/requests-under-way.ts'
import { countResponses } from './http/response-counts.ts'
import { serverOriginsOf } from './http/server-origins.ts'
import { sessionRoutes } from './http/session-routes.ts'
import { leaveBodiesUnread } from './http/unread-bodies.ts'
import type { Log } from './log.ts'
import { openMailer } from './mail/mailer.ts'
import type { OutboxWorker } from './mail/outbox-worker.ts'
import { messageItems } from './messages/message-items.ts'
import { messageRequests } from './messages/message-requests.ts'
import { enqueueUnreadMails, unreadToTell } from './messages/unread-mails.ts'
import { writeMessage } from './messages/write-message.ts'
import { createMetrics } from './metrics.ts'
import { myAccountRoutes } from './my-account/my-account-routes.ts'
import type { Hearing } from './nodes/hearing.ts'
import { isLeadingNode } from './nodes/leading-node.ts'
import type { NodeRecord } from './nodes/node-record.ts'
import { createOtherNodes } from './nodes/other-nodes.ts'
import { openFilesLimit } from './open-files-limit.ts'
import { createOpenId } from './openid/openid.ts'
import { errorPages } from './pages/error-pages.ts'
import { pageRoutes } from './pages/page-routes.ts'
import { pageOffers, pageUrls } from './pages/page-urls.ts'
import { passwordAndSignUpRoutes } from './pages/password-and-sign-up-routes.ts'
import { openWebBundle } from './pages/web-bundle.ts'
import { peopleSnapshot } from './people/account-snapshot.ts'
import { createEventFeed } from './people/event-feed.ts'
import { expectedItems } from './people/expected-call-rows.ts'
import { openPeople } from './people/people.ts'
import { createRequests } from './people/requests.ts'
import { readContactsToWatch } from './people/watching/read-contacts.ts'
import { openWatching } from './people/watching/watching.ts'
import { createPlaceCounts } from './places/place-counts.ts'
import { openPlaceLights } from './places/place-lights.ts'
import { placeRoutes } from './places/place-routes.ts'
import { reachRoutes } from './places/reach-routes.ts'
import { createVisitTime } from './places/visit-time.ts'
import { createVisitorLimits } from './places/visitor-limits.ts'
import { openVisits } from './places/visits.ts'
import { createWorkProofs } from './places/work-proofs.ts'
import { connectionCaps, createConnectionLimits, endWith } from './presence/connection-limits.ts'
import { createConnectionOrders, ordersOfOne } from './presence/connection-order.ts'
import { createLaterWrites } from './presence/later-writes.ts'
import { handleMessage, hellosAtOnce } from './presence/message-handler.ts'
import { moveDevices, movesOver, movesWhileLost } from './presence/move-devices.ts'
import { createNewestFirst } from './presence/newest-first.ts'
import { openPresence, type Presence } from './presence/presence.ts'
import {
  createReachabilityRecord,
  type ReachabilityRecord,
  writesOfNode,
} from './presence/reachability-record.ts'
import { openWebSocketEndpoint, type WebSocketEndpoint } from './presence/websocket-endpoint.ts'
import { openPresenceOfPeople } from './programs/person-presence.ts'
import { programRoutes } from './programs/program-routes.ts'
import { toldContactRoutes } from './programs/told-contact-routes.ts'
import { type PurgeOptions, purge } from './purge.ts'
import { openRoomEndpoint, type RoomEndpoint } from './rooms/room-endpoint.ts'
import { roomRoutes } from './rooms/room-routes.ts'
import { leftByWall, readRoom } from './rooms/room-rows.ts'
import { createRoomKeys } from './rooms/room-tickets.ts'
import { openRooms } from './rooms/rooms.ts'
import { scimAuthentication } from './scim/authentication.ts'
import { scimRoutes } from './scim/scim-routes.ts'
import { callCauses } from './webhooks/call-causes.ts'
import { enqueueWebhooks } from './webhooks/webhook-queue.ts'
import { webhookRoutes } from './webhooks/webhook-routes.ts'
import { openWebhookWorker, type WebhookWorker } from './webhooks/webhook-worker.ts'

export interface ComposeDependencies {
  readonly config: Config
  readonly db: Database
  /** Within this process by default. */
  readonly bus?: Bus | undefined
  /** Undefined where the server runs alone. */
  readonly node?: NodeRecord | undefined
  readonly hearing?: Pick<Hearing, 'isCutOff' | 'canOthersDrive'> | undefined
  readonly disk: Disk
  readonly clock: Clock
  readonly log: Log
  /** Of the hashes of passwords; by default what keeps them safe. */
  readonly hashCost?: HashCost | undefined
  readonly secret: string
  readonly operatorKey: string
  /** Where people and devices reach the server: known once it listens. */
  readonly publicUrl: () => string
  /** On this machine; known then too. */
  readonly localUrl: () => string
}

/** The parts of a server that somebody starts, drives and stops. */
export interface Subsystems {
  readonly httpServer: Server
  readonly webSockets: WebSocketEndpoint
  /** Undefined where people meet elsewhere. */
  readonly roomSockets: RoomEndpoint | undefined
  readonly presence: Presence
  readonly reachability: ReachabilityRecord
  readonly calls: Calls
  readonly outboxWorker: OutboxWorker
  readonly webhookWorker: WebhookWorker
  readonly passwords: Passwords
  /** Ends every stream of events. */
  readonly stopping: AbortController
  /**
   * Puts right what a server that ended without a word left in the records.
   *
   * @returns how many calls are kept as missed. @throws when that could not be written.
   */
  recover(): Promise<number>
  /**
   * A node takes nobody new, gives its calls to others, and has its devices move to them. What it is asked meanwhile it
   * answers; then it does not listen any more.
   *
   * @param within ms. @returns when they have moved, or that is over, and all is answered; of a server alone at once.
   */
  drain(within: number): Promise<void>
  /** Puts on record what was only counted until now. */
  finishRecord(): Promise<void>
  /** Looks at every deadline. Never rejects. */
  tick(): Promise<void>
}

/** Where the build puts the page of a room, and the script of a place's page. */
const roomBundle = fileURLToPath(new URL('../output/web/room/', import.meta.url))
const placeBundle = fileURLToPath(new URL('../output/web/place/', import.meta.url))

/** Whoever asks has so many ms to say what. */
const serverOptions = { headersTimeout: 10_000, requestTimeout: 15_000, connectionsCheckingInterval: 5_000 }

/** What is over is dropped this often, in ms. */
const purgeEvery = 60_000
/** How many connections had to go is told this often at most, in ms. */
const reportEvery = 60_000
/** How many refusals were only counted is told when it is time to: that is looked at this often, in ms. */
const tellEvery = 5_000

/** A balancer notices within so long, in ms, that a node goes. */
const noticedWithin = 5_000
/** What was asked of a node that goes is answered for so much longer, in ms, than devices may take to move. */
const answeredWithin = 4_500

/** Builds the parts of a server and joins them. Nothing runs until the HTTP server listens. */
export function compose(dependencies: ComposeDependencies): Subsystems {
  const { config, db, node, hearing, disk, clock, log, secret, operatorKey, publicUrl, localUrl } =
    dependencies
  const onBusError = (subject: string, err: unknown) =>
    log.error({ err, subject }, 'a message on the bus failed')
  const bus = dependencies.bus ?? createInProcessBus(onBusError)
  const core = { db, clock, log, bus }
  const timing = defaultTiming
  const stopping = new AbortController()

  // Who is asking, and under which address they know this server.
  const asker = { clientOf: clientOf(config.trustProxy) }
  const warning = proxyWarning(config)
  if (warning !== undefined) log.warn(warning)
  for (const sentence of config.warnings) log.warn(sentence)
  const secure = config.publicUrl?.startsWith('https:') === true
  const mayConnect = extensionOriginFilter(config.extensionOrigins)
  const connectionLimits = createConnectionLimits({
    caps: connectionCaps(openFilesLimit(), config.connectionsPerAddress),
    trustProxy: config.trustProxy,
    addressOf: (request) => asker.clientOf(request).address,
  })
  const serverOrigins = () => serverOriginsOf(publicUrl(), localUrl())
  const roomKeys = createRoomKeys(secret)
  const roomAddress = roomAddresses(config, publicUrl, roomKeys.firstTicket)
  const canSpeak = () => canRoom(config)
  const noRoom = roomWarning(config)
  if (noRoom !== undefined) log.warn(noRoom)

  // Storage: that it takes writes, and what is written or dropped from time to time.
  const others = node && createOtherNodes(bus)
  const living = () => node?.living().map(({ id }) => id) ?? []
  const doAllTell = () => node?.living().every(({ tellsLeases }) => tellsLeases) ?? true
  const orders =
    node && others
      ? createConnectionOrders({
          db,
          clock,
          log,
          node: node.id,
          others,
          living,
          isLive: (userId, device) => presence.isLive(userId, device),
        })
      : ordersOfOne
  const reachability = createReachabilityRecord(
    db,
    config.callsKeptFor,
    node && others && { node: node.id, nodesOf: orders.nodesOf, at: others.leasesAt },
  )
  node?.onLost((lost) => reachability.endNode(lost))
  bus.onConnection((isConnected) => {
    if (!isConnected) presence.routingLost()
  })
  const probe = createWriteProbe({
    db,
    clock,
    // Of nodes nothing goes along that could come between what others write: the probe is not to wait for it.
    together: node ? async () => () => {} : reachability.flush,
    writeNode: node?.write,
    rehearse: node && (() => rehearseCall(db, clock.wall())),
    makeRoom: disk.makeRoom,
    onLost: (err) => {
      log.error({ err }, 'the database takes no write: nobody is reachable until it does')
      presence.storageLost()
    },
    onFound: () => log.info('the database takes writes again: devices can be reached as they ask'),
    onAway: awayTelling(clock, log),
    onError: (err) => log.error({ err }, 'who was reachable could not be written down yet'),
    onDoubt: (err) =>
      log.warn({ err }, 'a call could not be written for a trial: once more, and nobody is reachable'),
  })
  const { isWritable } = probe
  let isDraining = false
  const checkpoint = node ? async () => {} : checkpoints(db, clock)
  const moving = hearing
    ? movesWhileLost({
        clock,
        isLost: () => !bus.isConnected,
        canOthersTake: hearing.canOthersDrive,
        move: () =>
          moveDevices({
            welcomed: presence.welcomed,
            endpoint: webSockets,
            within: movesOver,
            isWanted: () => !bus.isConnected,
          }),
      })
    : () => {}
  const writeReachability = writesOfNode(clock, reachability)
  const reachabilityWritten = node
    ? () =>
        writeReachability().catch((err) =>
          log.error({ err }, 'who was reachable could not be written down yet'),
        )
    : async () => {}
  const telling = every(clock, tellEvery, () =>
    recordCounted(db, clock.wall(), 'due').catch((err) =>
      log.error({ err }, 'how many more refusals there were is put on record later'),
    ),
  )
  const purging = every(clock, purgeEvery, () =>
    dropOver({ signal: stopping.signal }).catch((err) =>
      log.error({ err }, 'what is over stays in the database for now'),
    ),
  )
  let isRecordHeld = false
  const dropOver = async (options: PurgeOptions) => {
    const before = isRecordHeld
    isRecordHeld = await purge(db, clock.wall(), config, options)
    if (isRecordHeld && !before)
      log.warn(
        'this machine’s clock is more than 31 days later than when the server last wrote: if it is wrong, set it right within a day, since old calls and entries of the record are kept only so long',
      )
  }

  // Accounts: sessions, proofs, mails to people.
  const passwords = openPasswords({ monotonic: clock.monotonic, cost: dependencies.hashCost })
  const { sessionLifetimes: lifetimes, operatorEmail } = config
  const dpop = createDpopVerifier(db, clock, secret, serverOrigins)
  const outboxWorker = openMailer({
    ...core,
    config,
    publicUrl,
    addressesAt: pageUrls,
    openLink: (id, now) => activateLink(db, secret, id, now),
    missedCalls: (userId, calls, madeAt) => missedCallsToTell(db, userId, calls, madeAt),
    expectedCalls: (userId, calls, madeAt) => expectedToTell(db, userId, calls, madeAt),
    unreadThreads: (userId, madeAt) => unreadToTell(db, userId, madeAt),
    requests: {
      kinds: linkRequestKinds,
      resolve: (requests, now) => settleLinkRequests({ db, secret }, requests, now),
    },
    gather: (now) =>
      eachForItself([enqueueMissedCallMails, enqueueUnreadMails], (enqueue) =>
        enqueue(db, now, config.missedMailAfter),
      ),
  })
  const { wake } = outboxWorker

  // What programs are told of at addresses of theirs.
  const webhooks = { ...core, secret, isPrivateAllowed: config.webhooksPrivate }
  const webhookWorker = openWebhookWorker(webhooks)

  /** Visits of places are dated by it. */
  const time = createVisitTime({ ...core, ...(node && { learn: node.learn }) })

  // Calls and the devices that they ring: each reaches the other by the bus.
  const { callRates, ringFor } = config
  const calls = openCalls({
    ...core,
    writeProbe: probe,
    callRates,
    ringFor,
    roomAddress,
    noteEnd: async (transaction, row, now) => {
      // What people place is nobody else's.
      if (row.callerId !== null || row.visit !== null) return
      const causes = callCauses(callView(row, { roomAddress, canRoom: canSpeak }))
      await enqueueWebhooks(transaction, row.placedBy, causes, now)
    },
    writeReply: async (transaction, reply, now) => (await writeMessage(transaction, reply, now)).changes,
    onVisit: (visit, call) => visits.onCallOver(visit, call),
    timeOfVisits: time.now,
    doAllTell,
    nodes: node && {
      id: node.id,
      living: async () => node.living().map(({ id }) => id),
      onLost: node.onLost,
      canOthersDrive: () => hearing?.canOthersDrive() ?? false,
    },
  })
  // Status, contacts, and what devices hear of both.
  const people = openPeople(core)
  const events = createEventFeed({ ...core, parts: [peopleSnapshot, messageItems, expectedItems] })
  const watching = openWatching({
    ...core,
    hasOthers: node !== undefined,
    doAllTell,
    read: readContactsToWatch(db, clock),
  })
  const presenceOfPeople = openPresenceOfPeople({ ...core, hasOthers: node !== undefined, doAllTell })
  // Places, which anybody looks at, and from which visitors call.
  const ofVisits = { ...core, time }
  const lights = openPlaceLights({
    ...ofVisits,
    writeProbe: probe,
    presenceOf: presenceOfPeople.ask,
    canTalk: canSpeak,
  })
  const roomFor = (call: CallRow) => roomAddress(call, 'caller')
  const placeCounts = createPlaceCounts()
  const visits = openVisits({
    ...ofVisits,
    ...{ calls, lights, counts: placeCounts, secret, roomFor },
    hangUp: (call) => rooms.hangUp(call, 'caller'),
  })
  const ofVisitors = {
    ...core,
    ...asker,
    ...{ lights, visits, counts: placeCounts, secret, publicUrl, serverOrigins, stopping: stopping.signal },
    limits: createVisitorLimits({ ...core, secret }),
    work: createWorkProofs({ db, secret }),
    canTalk: canSpeak,
    bundle: openWebBundle(placeBundle, '/place-assets/'),
  }
  const peopleRequests = createRequests({
    ...core,
    handlers: {
      ...people.handlers,
      ...callRequests(calls),
      ...messageRequests(core),
      ...expectedRequests(core),
    },
  })
  const expectedCallWatch = openExpectedCallWatch({
    ...core,
    hasOthers: node !== undefined,
    doAllTell,
    isLeading: () => !node || (!isDraining && isLeadingNode(node.id, node.living())),
  })
  const presence = openPresence({
    ...core,
    onPeopleNews: (userId, news) => {
      if (news.kind === 'events') events.changed(userId, news.until)
      if (news.kind === 'relation') watching.related(userId, news.other)
    },
    onLookedAt: events.look,
    timing,
    lifetimes,
    record: reachability,
    isWritable,
    calls,
    orders,
    nodes: node && others && { id: node.id, others, living },
  })

  const notify = createDeviceNotifier(bus, clock)
  const shared = {
    ...core,
    ...asker,
    notify,
    passwords,
    lifetimes,
    secret,
    publicUrl,
    serverOrigins,
    secure,
    wake,
  }
  const otherOrigins = config.publicUrl === undefined ? serverOrigins : () => []
  const issuer = createOpenId({ ...shared, config: config.openId, otherOrigins })
  const metrics = createMetrics({
    db,
    database: dataDirectoryAt(config.dataDir).database,
    disk,
    isWritable,
    connections: () => connectionLimits.counts,
    webSockets: () => webSockets,
    leases: presence.leases,
    calls: calls.counts,
    places: placeCounts.all,
    rooms: () => roomSockets && { rooms, sockets: roomSockets },
    presence: presence.counts,
    probes: probe.counts,
    conflictRetries,
    node: node && {
      id: node.id,
      living: () => node.living().length + 1,
      isBusConnected: () => bus.isConnected,
      isDraining: () => isDraining,
    },
    responses: () => responses,
  })
  const forPrograms = [
    ...callRoutes({
      db,
      log,
      calls,
      roomAddress,
      async freshRoomAddress(row) {
        const now = clock.wall()
        const room = await readRoom(db, row.room)
        if (!room) return undefined
        if (config.roomUrl === undefined && (room.hasEnded || leftByWall(room, now) <= 0)) return undefined
        return roomAddresses(config, publicUrl, roomKeys.freshTicket)({ ...row, endedAt: now }, 'caller')
      },
      canRoom: canSpeak,
      stopping: stopping.signal,
    }),
    ...programRoutes(core, presenceOfPeople),
    ...webhookRoutes(webhooks),
    ...placeRoutes(ofVisitors),
    ...scimRoutes({ ...shared, wakeContacts: people.worker.wake }),
  ]
  const health = healthRoutes({
    isWritable,
    isConnected: () => bus.isConnected,
    isCutOff: () => hearing?.isCutOff() ?? false,
    isDraining: () => isDraining,
    metrics,
    canRoom: canSpeak,
    signIn: () => ({ issuer: issuer.offer, ...pageOffers(publicUrl(), config.signUp) }),
  })
  const http = createApp({
    log,
    mayConnect,
    secure,
    errorPages,
    authentication: createAuthentication({
      db,
      clock,
      ...asker,
      lifetimes,
      dpop,
      secret,
      operatorKey,
      operatorEmail,
    }),
    scimAuthentication: scimAuthentication({ db, clock, ...asker, secret, operatorEmail }),
    routes: markProvenConnections(connectionLimits.admit, [
      ...health,
      ...sessionRoutes(shared),
      ...issuer.routes,
      ...forPrograms,
      ...apiDocsRoutes({ routes: [...forPrograms, ...health] }),
      ...operatorRoutes(notify),
      ...toldContactRoutes(core),
      ...pageRoutes({
        publicUrl,
        findRoom: config.roomUrl === undefined ? undefined : (room) => findAnsweredCall(db, room),
      }),
      ...(config.roomUrl === undefined
        ? roomRoutes({
            isRoom: async (room) => (await findAnsweredCall(db, room)) !== undefined,
            isFull: (room) => rooms.isFull(room),
            serverOrigins,
            bundle: openWebBundle(roomBundle, '/rooms/assets/'),
          })
        : []),
      ...reachRoutes(ofVisitors),
      ...myAccountRoutes({
        ...shared,
        issuer: config.openId?.name ?? 'Google',
        leasesOf: presence.leasesOf,
        people,
        visits,
      }),
      ...passwordAndSignUpRoutes({ ...shared, signUp: config.signUp }),
    ]),
  })

  const httpServer = createAdaptorServer({ fetch: http.fetch, serverOptions }) as Server
  const responses = countResponses(httpServer)
  const requests = watchRequests(httpServer, () => isDraining)
  leaveBodiesUnread(httpServer)
  connectionLimits.watch(httpServer)
  const reporting = every(clock, reportEvery, async () => {
    const report = connectionLimits.takeReport()
    if (report) log.warn(report, 'connections of strangers had to go, or were refused: too many at once')
  })
  const rooms = openRooms({ ...core, keys: roomKeys, config, guard: probe.guard })
  const roomSockets =
    config.roomUrl === undefined
      ? openRoomEndpoint({
          clock,
          rooms,
          serverOrigins,
          hasRoom: connectionLimits.hasRoom,
          admit: connectionLimits.admit,
          refuse: endWith,
        })
      : undefined
  const helloInTurn = createNewestFirst(hellosAtOnce)
  const laterWrites = createLaterWrites(log)
  const messages = {
    db,
    clock,
    bus,
    timing,
    presence,
    calls,
    dpop,
    secret,
    helloInTurn,
    findSession: createSessionFinder(db, clock),
    laterWrites,
    events,
    watching,
    requests: peopleRequests,
    canRoom: canSpeak,
  }
  const webSockets = openWebSocketEndpoint(httpServer, {
    clock,
    log,
    ...asker,
    limits: connectionLimits,
    mayConnect,
    upgradeElsewhere: roomSockets?.upgrade,
    challenge: dpop.connectionNonce,
    handle: (connection, message) => handleMessage(messages, connection, message),
    onClosed: (connection) => {
      presence.leave(connection)
      watching.forget(connection.id)
      if (connection.identity) events.leave(connection.identity.userId, connection)
    },
  })

  return {
    httpServer,
    webSockets,
    roomSockets,
    presence,
    reachability,
    calls,
    outboxWorker,
    webhookWorker,
    passwords,
    stopping,
    async drain(within) {
      if (!node) return
      isDraining = true
      const until = performance.now() + within
      await node.drain().catch((err) => log.error({ err }, 'the other nodes do not hear that this one stops'))
      webSockets.refuse()
      // Who speaks in a room goes on meanwhile: their pages only find each other at another node from now on.
      roomSockets?.refuse()
      await calls.letGo().catch((err) => log.error({ err }, 'calls go on once this node is dead'))
      const left = Math.max(0, until - performance.now())
      await Promise.all([
        moveDevices({ welcomed: presence.welcomed, endpoint: webSockets, within: left }),
        // Whoever sends requests here has to notice first that this node goes.
        delay(Math.min(noticedWithin, left)),
      ])
      httpServer.close()
      stopping.abort()
      await requests.ended(until - performance.now() + answeredWithin)
    },
    async recover() {
      // Before a node takes anything over, the others have to know of it.
      if (node) await probe.tick()
      await reachability.recover()
      const ended = await calls.recover()
      await recordCounted(db, clock.wall(), 'all')
      await shortenSessions(db, { stays: lifetimes.longestPersistent, others: lifetimes.longestTransient })
      // Nobody waits at the start for all that is over.
      await dropOver({ batches: 1 })
      return ended
    },
    async finishRecord() {
      await laterWrites.settled()
      await orders.flush().catch((err) => log.warn({ err }, 'which connections are gone is not written down'))
      await recordCounted(db, clock.wall(), 'all')
    },
    async tick() {
      webSockets.tick()
      roomSockets?.tick()
      rooms.tick()
      presence.tick()
      watching.tick()
      presenceOfPeople.tick()
      const looked = expectedCallWatch.tick()
      calls.tick()
      visits.tick()
      moving()
      const looks = node?.tick()
      outboxWorker.tick()
      webhookWorker.tick()
      const settled = people.worker.tick()
      await probe.tick()
      await looks
      await settled
      await looked
      await reachabilityWritten()
      await orders.tick()
      await checkpoint()
      await telling()
      await purging()
      await reporting()
      await disk.tick(db)
    },
  }
}
