import type { State } from '../../messages/state.ts'
import type { DeviceMessage, ServerMessage } from '../../protocol/line.ts'
import { createInbox } from './calls/inbox.ts'
import { createIncoming } from './calls/incoming.ts'
import { withdrawStaleNotifications } from './calls/notification.ts'
import { createPresenter } from './calls/presenter.ts'
import { armAlarm, disarmAlarm } from './life/alarm.ts'
import { createUpdater } from './life/update.ts'
import { diagnose } from './line/diagnose.ts'
import { helloOf } from './line/hello.ts'
import { createLines } from './line/lines.ts'
import { noteConfirmed } from './line/note-confirmed.ts'
import { createStatePorts } from './pages/state-ports.ts'
import { driveReachability } from './reachability/driver.ts'
import type { ReachabilityEffect } from './reachability/events.ts'
import { readClocks } from './reachability/instant.ts'
import { tellEndings } from './session/endings.ts'
import { type HeldSession, handOverSession } from './session/held-session.ts'
import { createOffers } from './session/offers.ts'
import { createSession } from './session/session.ts'
import { createSettings } from './session/settings.ts'
import { snapshot } from './snapshot.ts'
import { createLight } from './toolbar/light.ts'
import { createMenu, itemsFor } from './toolbar/menu.ts'
import { createToolbar } from './toolbar/toolbar.ts'

export type Background = ReturnType<typeof compose>

/** Builds the parts and joins them. The toolbar comes first: until something is proven it says "checking". */
export function compose() {
  const toolbar = createToolbar()
  const state = (): State => snapshot({ settings, session, offers, reachability, incoming, inbox })
  const light = createLight(toolbar, state)
  const menu = createMenu()
  const ports = createStatePorts(state)
  const settings = createSettings(changed)
  const offers = createOffers(() => settings.now().server, changed)

  const session = createSession({
    server: () => settings.now().server,
    became: (held) => {
      reachability.happen({ type: held ? 'wanted' : 'unwanted' })
      if (held) void armAlarm()
      else {
        incoming.happen({ type: 'sign-out' })
        inbox.clear()
      }
    },
    changed,
  })
  const inbox = createInbox(changed)
  const incoming = createIncoming({
    send,
    presenter: createPresenter(() => settings.now().namesInNotifications),
    changed,
  })
  const reachability = driveReachability({
    clocks: readClocks,
    random: Math.random,
    after: (milliseconds, todo) => {
      const timer = setTimeout(todo, milliseconds)
      return () => clearTimeout(timer)
    },
    online: () => navigator.onLine,
    act,
    changed,
  })
  const lines = createLines(reachability.happen, hear)
  const updater = createUpdater(() => incoming.calls().length > 0, sayGoodbye)

  function changed(): void {
    light.draw()
    ports.post()
    menu.offer(itemsFor(session.state()))
    updater.reconsider()
  }

  function act(effect: ReachabilityEffect): void {
    const held = session.held()
    if (effect.type === 'close') lines.close(effect.line)
    else if (effect.type === 'session-ended') void session.end('ended')
    else if (held) pursue(effect, held)
  }

  function pursue(
    effect: Exclude<ReachabilityEffect, { type: 'close' | 'session-ended' }>,
    held: HeldSession,
  ): void {
    switch (effect.type) {
      case 'open':
        lines.open(effect.line, held.server)
        break
      case 'hello':
        helloOf(held, effect.nonce).then(
          (hello) => lines.send(effect.line, hello),
          () => session.end('storage'),
        )
        break
      case 'beat':
        lines.send(effect.line, { type: 'beat', n: effect.n })
        break
      case 'diagnose':
        void diagnose(held.server).then((fault) => reachability.happen({ type: 'diagnosed', fault }))
        break
      default:
        effect satisfies never
    }
  }

  function send(message: DeviceMessage): void {
    const line = reachability.openLine()
    if (line !== null) lines.send(line, message)
  }

  function hear(line: number, message: ServerMessage): void {
    switch (message.type) {
      case 'challenge':
        reachability.happen({ type: 'challenged', line, nonce: message.nonce })
        break
      case 'welcome':
        session.learnAccount(message.account)
        inbox.missed(message.missed)
        incoming.happen({ type: 'welcome', ringing: message.ringing })
        void withdrawStaleNotifications(message.ringing)
        reachability.happen({ type: 'welcomed', line, timing: message.timing })
        break
      case 'lease':
        inbox.gap(message.gap)
        reachability.happen({ type: 'leased', line, beat: message.n, leaseFor: message.leaseFor })
        incoming.lineProven()
        void noteConfirmed()
        break
      case 'no-lease':
        reachability.happen({ type: 'not-leased', line, beat: message.n })
        break
      case 'ring':
        incoming.ring(message.call)
        break
      case 'over':
        incoming.over(message)
        break
      case 'missed':
        inbox.missed(message.missed)
        break
      case 'account':
        session.learnAccount(message.account)
        break
      default:
        message satisfies never
    }
  }

  /** Before a reload: the server learns at once that no call gets here, and the session is handed over. */
  async function sayGoodbye(): Promise<void> {
    send({ type: 'goodbye', why: 'update' })
    const held = session.held()
    if (held) await handOverSession(held)
  }

  /** The one routine of every wake-up: look at the facts, redraw, reopen the line, finish what is unfinished. */
  async function wake(): Promise<void> {
    await started
    reachability.happen({ type: 'woke' })
    await rest()
  }

  /** Tells servers of log-outs they have not heard of, and keeps the alarm only as long as it has a use. */
  async function rest(): Promise<void> {
    const told = await tellEndings()
    if (session.held() || !told) await armAlarm()
    else await disarmAlarm()
  }

  /** What was asked at the right-click menu or a page: the badge is off before anything is awaited. */
  async function logOut(): Promise<void> {
    send({ type: 'goodbye', why: 'log-out' })
    await session.end('logged-out')
    await rest()
  }

  /** Logs out, closes every page, and leaves nothing running until the person opens the extension again. */
  async function exit(): Promise<void> {
    send({ type: 'goodbye', why: 'exit' })
    const ended = session.end('exited')
    await ports.closePages()
    await ended
    await rest()
  }

  const started = settings.start().then(() => Promise.all([session.start(), inbox.start()]))
  void wake()

  return {
    started,
    wake,
    logOut,
    exit,
    session,
    offers,
    settings,
    reachability,
    incoming,
    inbox,
    ports,
    updater,
    send,
  }
}
