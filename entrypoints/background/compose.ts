import type { State } from '../../messages/state.ts'
import type { DeviceMessage } from '../../protocol/connection.ts'
import { createIncoming } from './calls/driver.ts'
import { createInbox } from './calls/inbox.ts'
import { createPresenter } from './calls/presenter.ts'
import { bootNumber } from './connection/boot-number.ts'
import { diagnose } from './connection/diagnose.ts'
import { helloOf } from './connection/hello.ts'
import { createMessageRouter } from './connection/message-router.ts'
import { createConnections } from './connection/sockets.ts'
import { armAlarm } from './lifecycle/alarm.ts'
import { createLifecycle } from './lifecycle/lifecycle.ts'
import { createUpdater } from './lifecycle/update.ts'
import { createStatePorts } from './pages/state-ports.ts'
import { createReachabilityDriver } from './reachability/driver.ts'
import type { ReachabilityEffect } from './reachability/events.ts'
import { readClocks } from './reachability/instant.ts'
import { keepTrying } from './retry-with-backoff.ts'
import { createOffers } from './session/offers.ts'
import { createSession } from './session/session.ts'
import { handOverSession, type StoredSession } from './session/session-storage.ts'
import { createSettings } from './session/settings.ts'
import { snapshot } from './snapshot.ts'
import { createBadgeRenderer } from './toolbar/badge-renderer.ts'
import { createMenu, itemsFor } from './toolbar/menu.ts'
import { createToolbar } from './toolbar/toolbar.ts'

export type Background = ReturnType<typeof compose>

/** Builds the parts and joins them. The toolbar comes first: until something is proven it says "checking". */
export function compose() {
  const toolbar = createToolbar()
  const state = (): State => snapshot({ settings, session, offers, reachability, incoming, inbox, taking })
  const badge = createBadgeRenderer(toolbar, state)
  const menu = createMenu()
  const ports = createStatePorts(state)
  const settings = createSettings(changed)
  const offers = createOffers(() => settings.now().server, changed)

  const session = createSession({
    server: () => settings.now().server,
    changedHands: (held) => {
      // No connection outlives the session that it was made for.
      reachability.dispatch({ type: 'unwanted' })
      if (held) {
        reachability.dispatch({ type: 'wanted' })
        void armAlarm().catch(() => {})
      } else {
        incoming.dispatch({ type: 'sign-out' })
        inbox.clear()
      }
    },
    changed,
    settled: () => void lifecycle.wake(),
  })
  const inbox = createInbox({ send, changed })
  const incoming = createIncoming({
    send: (connection, message) => connections.send(connection, message),
    doubt: () => reachability.dispatch({ type: 'doubted' }),
    presenter: createPresenter(() => settings.now().namesInNotifications),
    changed,
  })
  const reachability = createReachabilityDriver({
    clocks: readClocks,
    random: Math.random,
    after: (milliseconds, todo) => {
      const timer = setTimeout(todo, milliseconds)
      return () => clearTimeout(timer)
    },
    online: () => navigator.onLine,
    carryOut,
    changed: () => tellAll([tellCalls, changed]),
  })
  const connections = createConnections(
    reachability.dispatch,
    createMessageRouter({ session, inbox, incoming, reachability }),
  )
  const boots = bootNumber()
  const taking = keepTrying(takeUp, () => {
    void armAlarm().catch(() => {})
    changed()
  })
  const updater = createUpdater(() => incoming.calls().length > 0, sayGoodbye)

  /** Whether a call rings, and what the badge says of it, hangs on the connection: so the calls hear of it first. */
  function tellCalls(): void {
    const leased = reachability.verdict().kind === 'reachable'
    incoming.dispatch({ type: 'connection', number: reachability.openConnection(), leased })
  }

  function changed(): void {
    tellAll([badge.draw, ports.post, () => menu.offer(itemsFor(session.state())), updater.reconsider])
  }

  /** What an earlier worker kept. None of it is done without: what cannot be read now is read later. */
  async function takeUp(): Promise<void> {
    await Promise.all([settings.start(), inbox.start(), incoming.start()])
    await session.start()
    changed()
  }

  function carryOut(effect: ReachabilityEffect): void {
    const held = session.held()
    if (effect.type === 'close') connections.close(effect.connection)
    else if (effect.type === 'session-ended') void session.end('ended')
    else if (held) pursue(effect, held)
  }

  function pursue(
    effect: Exclude<ReachabilityEffect, { type: 'close' | 'session-ended' }>,
    held: StoredSession,
  ): void {
    switch (effect.type) {
      case 'open':
        connections.open(effect.connection, held.server)
        break
      case 'hello':
        helloOf(held, {
          nonce: effect.nonce,
          order: boots.now().then((boot) => ({ boot, n: effect.connection })),
          takeOver: effect.takeOver,
        }).then(
          (hello) => connections.send(effect.connection, hello),
          () => reachability.dispatch({ type: 'storage-failed', connection: effect.connection }),
        )
        break
      case 'renumber':
        boots.renumber(effect.above)
        break
      case 'heartbeat':
        connections.send(effect.connection, { type: 'heartbeat', n: effect.n })
        break
      case 'diagnose':
        void diagnose(held.server).then((reason) =>
          reachability.dispatch({ type: 'diagnosed', attempt: effect.attempt, reason }),
        )
        break
      default:
        effect satisfies never
    }
  }

  function send(message: DeviceMessage): void {
    const connection = reachability.openConnection()
    if (connection !== null) connections.send(connection, message)
  }

  /** Before a reload: the server learns at once that no call gets here, and the session is handed over. */
  async function sayGoodbye(): Promise<void> {
    send({ type: 'goodbye', why: 'update' })
    const held = session.held()
    if (held) await handOverSession(held)
  }

  const lifecycle = createLifecycle({ taking, session, reachability, ports, send })
  void lifecycle.wake()

  return {
    ready: taking.attempt,
    lifecycle,
    session,
    offers,
    settings,
    reachability,
    incoming,
    inbox,
    ports,
    updater,
  }
}

/** In this order; what fails on the way (a page that is closing) keeps the rest from nobody. */
function tellAll(listeners: readonly (() => void)[]): void {
  for (const listener of listeners) {
    try {
      listener()
    } catch (error) {
      console.error(error)
    }
  }
}
