import { browser } from '../../../platform/browser.ts'
import type { ServerMessage } from '../../../protocol/connection.ts'
import type { CallDriver } from '../calls/driver.ts'
import type { Inbox } from '../calls/inbox.ts'
import type { PeopleDriver } from '../people/people-driver.ts'
import type { ReachabilityDriver } from '../reachability/driver.ts'
import type { Session } from '../session/session.ts'
import { withCaller } from '../shown-names.ts'
import type { BootNumber } from './boot-number.ts'

interface Dependencies {
  readonly session: Session
  readonly reachability: ReachabilityDriver
  readonly calls: CallDriver
  readonly inbox: Inbox
  readonly bootNumber: Pick<BootNumber, 'isOwn'>
  readonly people: PeopleDriver
}

/** Takes each message of the server to the part that it is for. */
export function createMessageRouter({
  session,
  reachability,
  calls,
  inbox,
  bootNumber,
  people,
}: Dependencies) {
  /** The newest heartbeat that was answered on each connection that there is. */
  const answered = new Map<number, number>()

  function takeWelcome(connection: number, welcome: Extract<ServerMessage, { type: 'welcome' }>): void {
    session.updateAccount(welcome.account)
    const { account, missed, features, canRoom } = welcome
    inbox.welcomed(account.id, missed.map(withCaller), features, canRoom)
    // What rings goes on with the connection that has rung it, until this one takes its place.
    const current = reachability.openConnection()
    if (current === null || current === connection) calls.dispatch(welcome)
    else calls.dispatch({ type: 'successor-welcome', connection, ringing: welcome.ringing })
    reachability.dispatch({ type: 'welcomed', connection, timing: welcome.timing })
    people.welcomed(connection, welcome.account.id, welcome.features ?? [])
  }

  /** The answer to a heartbeat: the lease by which calls are known to get through. */
  function takeLease(connection: number, lease: Extract<ServerMessage, { type: 'lease' }>): void {
    if (!isAnswer(connection, lease.n)) return
    if (lease.gap) inbox.addGap(lease.gap)
    reachability.dispatch({ type: 'leased', connection, heartbeat: lease.n, leaseFor: lease.leaseFor })
    inbox.connectionProven(connection)
    people.leased(connection)
    void noteConfirmed()
  }

  /** Whether it answers a heartbeat of this connection for the first time: anything else is no lease, and has no gap. */
  function isAnswer(connection: number, heartbeat: number): boolean {
    const newest = reachability.newestHeartbeat(connection)
    const before = answered.get(connection) ?? 0
    if (newest === null || heartbeat > newest || heartbeat <= before) return false
    for (const other of answered.keys())
      if (reachability.newestHeartbeat(other) === null) answered.delete(other)
    answered.set(connection, heartbeat)
    return true
  }

  return (connection: number, message: ServerMessage): void => {
    switch (message.type) {
      case 'challenge':
        reachability.dispatch({ type: 'challenged', connection, nonce: message.nonce })
        break
      case 'outranked':
        reachability.dispatch({
          type: 'outranked',
          connection,
          boot: message.boot,
          isOwn: bootNumber.isOwn(message.boot),
          live: message.live,
        })
        break
      case 'welcome':
        takeWelcome(connection, message)
        break
      case 'lease':
        takeLease(connection, message)
        break
      case 'no-lease':
        if (message.why === 'routing') calls.dispatch({ type: 'routing-lost', connection })
        reachability.dispatch({
          type: 'not-leased',
          connection,
          heartbeat: message.n,
          why: message.why,
        })
        break
      case 'move':
        reachability.dispatch({ type: 'move', connection })
        break
      case 'ring':
        // A ring that lay there while the machine slept is no ring: the clocks are looked at first.
        reachability.dispatch({ type: 'look' })
        calls.dispatch({ type: 'ring', connection, call: withCaller(message.call) })
        break
      case 'over':
        calls.dispatch(message)
        break
      case 'missed':
        inbox.replaceMissed(message.missed.map(withCaller), message.n)
        calls.dispatch(message)
        break
      case 'account':
        session.updateAccount(message.account)
        break
      case 'events':
      case 'reset':
      case 'done':
      case 'refused':
      case 'presence':
      case 'placed-call':
        people.heard(connection, message)
        break
      default:
        message satisfies never
    }
  }
}

/**
 * Writes down that a heartbeat was confirmed. Firefox stops an event page that calls no extension API for
 * 30 s, whatever its socket does; this call, once a heartbeat, is what keeps it.
 */
const noteConfirmed = (): Promise<void> => browser.storage.session.set({ confirmedAt: Date.now() })
