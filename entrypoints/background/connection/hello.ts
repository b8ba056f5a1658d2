import { generateProof } from 'dpop'
import { type ConnectionOrder, type DeviceMessage, protocolVersion } from '../../../protocol/connection.ts'
import { deviceId, deviceKey } from '../session/device-identity.ts'
import type { StoredSession } from '../session/session-storage.ts'

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
export async function createHello(
  { server, token }: StoredSession,
  { nonce, order, takeOver }: Challenge,
): Promise<DeviceMessage> {
  const [device, key, ordered] = await Promise.all([deviceId(), deviceKey(), order])
  const proof = await generateProof(key, `${server}/socket`, 'GET', nonce, token)
  return { type: 'hello', protocol: protocolVersion, token, device, proof, order: ordered, takeOver }
}
