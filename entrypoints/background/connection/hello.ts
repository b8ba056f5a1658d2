import { generateProof } from 'dpop'
import { type DeviceMessage, type LineOrder, protocolVersion } from '../../../protocol/connection.ts'
import { deviceId } from '../session/device-id.ts'
import { deviceKey } from '../session/device-key.ts'
import type { HeldSession } from '../session/stored-session.ts'

interface Greeting {
  /** The challenge of this line. */
  readonly nonce: string
  readonly order: Promise<LineOrder>
  readonly takeOver: boolean
}

/**
 * The first message on a line: the session, and a proof by this device's key that answers the server's
 * challenge, so that neither a copied token nor a recorded hello opens a line.
 *
 * @throws when the device's key or the line's order cannot be had.
 */
export async function helloOf(
  { server, token }: HeldSession,
  { nonce, order, takeOver }: Greeting,
): Promise<DeviceMessage> {
  const [device, key, ordered] = await Promise.all([deviceId(), deviceKey(), order])
  const proof = await generateProof(key, `${server}/socket`, 'GET', nonce, token)
  return { type: 'hello', protocol: protocolVersion, token, device, proof, order: ordered, takeOver }
}
