import type { State } from '../../messages/state.ts'
import type { DeviceMessage } from '../../protocol/connection.ts'
import { createCallDriver } from './calls/driver.ts'
import { createInbox } from './calls/inbox.ts'
import { createPresenter } from './calls/presenter.ts'
import { createRehearsals } from './calls/rehearsals.ts'
import { createCallStore } from './calls/stored-calls.ts'
import { readClocks } from './clocks.ts'
import { createBootNumber } from './connection/boot-number.ts'
import { createConnectionEffects } from './connection/connection-effects.ts'
import { createMessageRouter } from './connection/message-router.ts'
import { createSockets } from './connection/sockets.ts'
import { armAlarm } from './lifecycle/alarm.ts'
import { createLifecycle } from './lifecycle/lifecycle.ts'
import { createUpdater } from './lifecycle/update.ts'
import { createOutageDriver } from './outage/outage-driver.ts'
import { clearNotice, noticeStands, showNotice } from './outage/outage-notification.ts'
import { seenOf } from './outage/outage-reducer.ts'
import { createOutageStore } from './outage/stored-outages.ts'
import { paceChanges } from './paced-changes.ts'
import { createStatePorts } from './pages/state-ports.ts'
import { createPeopleDriver } from './people/people-driver.ts'
import { createReachabilityDriver } from './reachability/driver.ts'
import { retryWithBackoff } from './retry-with-backoff.ts'
import { createSignInOffers } from './session/offers.ts'
import { createSession } from './session/session.ts'
import { handOverSession } from './session/session-storage.ts'
import { createSettings } from './session/settings.ts'
import { lightOf, snapshot } from './snapshot.ts'
import { after } from './timer.ts'
import { createBadgeRenderer } from './toolbar/badge-renderer.ts'
import { createMenu, itemsFor } from './toolbar/menu.ts'
import { createToolbar } from './toolbar/toolbar.ts'

export type Background = ReturnType<typeof compose>

/** Builds the parts and joins them. The toolbar comes first: until something is proven it says "checking". */
export function compose() {
  const toolbar = createToolbar()
  const state = (): State =>
    snapshot({
      ...{ settings, session, offers, reachability, calls, inbox, outages, people },
      ...{ rehearsals, restoring },
    })
  /** While parts are told of the connection one after the other, nobody is told what only some of them know. */
  let holding = 0
  const changed = () => {
    if (holding === 0) tell()
  }
  const tell = paceChanges(
    () => urgentOf(state()),
    () =>
      notifyAll([
        outages.look,
        badge.draw,
        ports.post,
        () => menu.offer(itemsFor(session.state()), state().people?.status),
        updater.reconsider,
      ]),
  )
  const badge = createBadgeRenderer(toolbar, state)
  const menu = createMenu()
  const ports = createStatePorts(state)
  const settings = createSettings(changed)
  const rehearsals = createRehearsals(changed)
  const offers = createSignInOffers(() => settings.now().server, changed)

  const session = createSession({
    server: () => settings.now().server,
    sessionChanged: (current) => {
      // No connection outlives the session that it was made for.
      reachability.dispatch({ type: 'unwanted' })
      if (current) {
        reachability.dispatch({ type: 'wanted' })
        void armAlarm().catch(() => {})
      } else {
        calls.dispatch({ type: 'sign-out' })
        inbox.clear()
        people.clear()
      }
    },
    changed,
    logOutRecorded: () => void lifecycle.wake(),
  })
  const inbox = createInbox({ clocks: readClocks, after, send, changed })
  const calls = createCallDriver({
    clocks: readClocks,
    after,
    store: createCallStore(),
    send: (connection, message) => sockets.send(connection, message),
    doubt: () => reachability.dispatch({ type: 'doubted' }),
    presenter: createPresenter(() => settings.now()),
    changed,
  })
  const people = createPeopleDriver({
    clocks: readClocks,
    after,
    send: (connection, message) => sockets.send(connection, message),
    mayName: () => settings.now().namesInNotifications,
    changed,
  })
  const reachability = createReachabilityDriver({
    clocks: readClocks,
    random: Math.random,
    after,
    online: () => navigator.onLine,
    carryOut: (effect) => carryOut(effect),
    changed: () => {
      holding += 1
      notifyAll([notifyCalls, notifyPeople])
      holding -= 1
      changed()
    },
  })
  const outages = createOutageDriver({
    clocks: readClocks,
    after,
    seen: () => seenOf(session.state(), lightOf({ session, reachability, restoring })),
    mayTell: settings.tellsOfOutages,
    store: createOutageStore(),
    show: showNotice,
    clear: clearNotice,
    stands: noticeStands,
  })
  const bootNumber = createBootNumber()
  const sockets = createSockets(
    reachability.dispatch,
    createMessageRouter({ session, reachability, calls, inbox, bootNumber, people }),
  )
  const carryOut = createConnectionEffects({
    session,
    sockets,
    bootNumber,
    dispatch: reachability.dispatch,
    // Whoever is shown already is so by the lease that there is.
    beforeShown: (prove) =>
      reachability.verdict().kind === 'reachable' ? prove() : people.beforeShown(prove),
  })
  const restoring = retryWithBackoff(restore, () => {
    void armAlarm().catch(() => {})
    changed()
  })
  const updater = createUpdater(() => calls.now().length > 0 || people.isCalling(), sayGoodbye)
  const lifecycle = createLifecycle({
    restoring,
    session,
    reachability,
    closePages: ports.closePages,
    giveUpCalls: people.giveUpCalls,
    send,
  })
  void lifecycle.wake()

  /** Whether a call rings, and what the badge says of it, hangs on the connection: so the calls hear of it first. */
  function notifyCalls(): void {
    const leased = reachability.verdict().kind === 'reachable'
    calls.dispatch({ type: 'connection', number: reachability.openConnection(), leased })
  }

  function notifyPeople(): void {
    people.connectionChanged({ number: reachability.openConnection(), light: reachability.verdict().kind })
  }

  /** What an earlier worker kept. None of it is done without: what cannot be read now is read later. */
  async function restore(): Promise<void> {
    await Promise.all([
      settings.restore(),
      offers.restore(),
      inbox.restore(),
      calls.restore(),
      outages.restore(),
      people.restore(),
      rehearsals.restore(),
    ])
    await session.restore()
    // It died with the browser, and with it goes what was kept of its person's contacts.
    if (!session.current()) people.clear()
    changed()
  }

  function send(message: DeviceMessage): void {
    const connection = reachability.openConnection()
    if (connection !== null) sockets.send(connection, message)
  }

  /** Before a reload: the server learns at once that no call gets here, and the session is handed over. */
  async function sayGoodbye(): Promise<void> {
    send({ type: 'goodbye', why: 'update' })
    const current = session.current()
    if (current) await handOverSession(current)
  }

  return {
    /** Resolves when what an earlier worker kept is read, or an attempt to read it has failed. */
    restoreAttempted: restoring.attempt,
    lifecycle,
    session,
    offers,
    settings,
    reachability,
    calls,
    inbox,
    outages,
    people,
    rehearsals,
    ports,
    updater,
  }
}

/** What is told at once, however much else changes: who is signed in, whether calls get through, and what rings. */
const urgentOf = ({ session, reachability, calls, people }: State): string =>
  JSON.stringify([
    session.kind,
    reachability,
    calls.map(({ id, phase }) => [id, phase]),
    people?.placed.map(({ key, phase }) => [key, phase]),
  ])

/** In this order; what fails on the way (a page that is closing) keeps the rest from nobody. */
function notifyAll(listeners: readonly (() => void)[]): void {
  for (const listener of listeners) {
    try {
      listener()
    } catch (error) {
      console.error(error)
    }
  }
}
