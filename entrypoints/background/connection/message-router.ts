import type { ServerMessage } from '../../../protocol/connection.ts'
import type { Incoming } from '../calls/driver.ts'
import type { Inbox } from '../calls/inbox.ts'
import { withdrawStaleNotifications } from '../calls/notification.ts'
import type { ReachabilityDriver } from '../reachability/driver.ts'
import type { Session } from '../session/session.ts'
import { noteConfirmed } from './note-confirmed.ts'

interface Parts {
  readonly session: Session
  readonly inbox: Inbox
  readonly incoming: Incoming
  readonly reachability: ReachabilityDriver
}

/** Takes each message of the server to the part that it is for. */
export function createMessageRouter({ session, inbox, incoming, reachability }: Parts) {
  return (connection: number, message: ServerMessage): void => {
    switch (message.type) {
      case 'challenge':
        reachability.dispatch({ type: 'challenged', connection, nonce: message.nonce })
        break
      case 'outranked':
        reachability.dispatch({ type: 'outranked', connection, boot: message.boot, live: message.live })
        break
      case 'welcome':
        session.learnAccount(message.account)
        inbox.welcomed(message.account.id, message.missed)
        incoming.dispatch(message)
        void withdrawStaleNotifications(message.ringing).catch(() => {})
        reachability.dispatch({ type: 'welcomed', connection, timing: message.timing })
        break
      case 'lease':
        if (message.gap) inbox.gap(message.gap)
        reachability.dispatch({
          type: 'leased',
          connection,
          heartbeat: message.n,
          leaseFor: message.leaseFor,
        })
        inbox.proven(connection)
        void noteConfirmed()
        break
      case 'no-lease':
        reachability.dispatch({ type: 'not-leased', connection, heartbeat: message.n })
        break
      case 'ring':
        // A ring that lay there while the machine slept is no ring: the clocks are looked at first.
        reachability.dispatch({ type: 'look' })
        incoming.dispatch({ type: 'ring', connection, call: message.call })
        break
      case 'over':
        incoming.dispatch(message)
        break
      case 'missed':
        inbox.missed(message.missed)
        incoming.dispatch(message)
        break
      case 'account':
        session.learnAccount(message.account)
        break
      default:
        message satisfies never
    }
  }
}
