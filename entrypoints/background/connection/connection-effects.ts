import type { ReachabilityEffect, ReachabilityEvent } from '../reachability/events.ts'
import type { Session } from '../session/session.ts'
import type { StoredSession } from '../session/session-storage.ts'
import { createBootNumber } from './boot-number.ts'
import { createHello } from './hello.ts'
import { diagnose } from './server-health.ts'
import type { Sockets } from './sockets.ts'

interface Dependencies {
  readonly session: Session
  readonly sockets: Sockets
  readonly dispatch: (event: ReachabilityEvent) => void
}

/** Carries out what the reducer of reachability decides. Whatever needs a session is nothing without one. */
export function createConnectionEffects({ session, sockets, dispatch }: Dependencies) {
  const bootNumber = createBootNumber()

  function sendHello(
    { connection, nonce, takeOver }: Extract<ReachabilityEffect, { type: 'hello' }>,
    current: StoredSession,
  ): void {
    const order = bootNumber.current().then((boot) => ({ boot, n: connection }))
    createHello(current, { nonce, order, takeOver }).then(
      (hello) => sockets.send(connection, hello),
      () => dispatch({ type: 'storage-failed', connection }),
    )
  }

  const sendHeartbeat = (connection: number, n: number): void =>
    sockets.send(connection, { type: 'heartbeat', n })

  return (effect: ReachabilityEffect): void => {
    const current = session.current()
    switch (effect.type) {
      case 'open':
        if (current) sockets.open(effect.connection, current.server)
        break
      case 'close':
        sockets.close(effect.connection)
        break
      case 'hello':
        if (current) sendHello(effect, current)
        break
      case 'renumber':
        bootNumber.renumber(effect.above)
        break
      case 'heartbeat':
        sendHeartbeat(effect.connection, effect.n)
        break
      case 'diagnose':
        if (current)
          void diagnose(current.server).then((reason) =>
            dispatch({ type: 'diagnosed', attempt: effect.attempt, reason }),
          )
        break
      case 'session-ended':
        void session.end('ended')
        break
      default:
        effect satisfies never
    }
  }
}
