import { generateProof } from 'dpop'
import { type ConnectionOrder, type DeviceMessage, protocolVersion } from '../../../protocol/connection.ts'
import type { ReachabilityEffect, ReachabilityEvent } from '../reachability/events.ts'
import { deviceId, deviceKey } from '../session/device-identity.ts'
import { diagnose } from '../session/server-health.ts'
import type { Session } from '../session/session.ts'
import type { StoredSession } from '../session/session-storage.ts'
import type { BootNumber } from './boot-number.ts'
import type { Sockets } from './sockets.ts'

interface Dependencies {
  readonly session: Session
  readonly sockets: Sockets
  readonly bootNumber: BootNumber
  readonly dispatch: (event: ReachabilityEvent) => void
  /** Calls `prove`, which asks for a lease, once the server may show this person by it; mostly at once. */
  readonly beforeShown: (prove: () => void) => void
}

/** Carries out what the reducer of reachability decides. Whatever needs a session is nothing without one. */
export function createConnectionEffects({
  session,
  sockets,
  bootNumber,
  dispatch,
  beforeShown,
}: Dependencies) {
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
        beforeShown(() => sockets.send(effect.connection, { type: 'heartbeat', n: effect.n }))
        break
      case 'diagnose':
        if (current)
          void diagnose(current.server, { begunThere: true }).then((reason) =>
            dispatch({ type: 'diagnosed', attempt: effect.attempt, reason }),
          )
        break
      case 'session-ended':
        void session.end(effect.why ? endings[effect.why] : 'ended')
        break
      default:
        effect satisfies never
    }
  }
}

const endings = { passwordChanged: 'password-changed', endedInMyAccount: 'ended-in-my-account' } as const

/** What the server asked of this connection, and what the reducer of reachability decided. */
interface Challenge {
  readonly nonce: string
  readonly order: Promise<ConnectionOrder>
  readonly takeOver: boolean
}

/**
 * The first message on a connection: the session, and a proof by this device's key that answers the server's
 * challenge, so that neither a copied token nor a recorded hello opens a connection.
 *
 * @throws when the device's key or the connection's order cannot be had.
 */
async function createHello(
  { server, token }: StoredSession,
  { nonce, order, takeOver }: Challenge,
): Promise<DeviceMessage> {
  const [device, key, ordered] = await Promise.all([deviceId(), deviceKey(), order])
  const proof = await generateProof(key, `${server}/socket`, 'GET', nonce, token)
  return { type: 'hello', protocol: protocolVersion, token, device, proof, order: ordered, takeOver }
}
