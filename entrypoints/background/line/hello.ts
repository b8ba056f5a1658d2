import { generateProof } from 'dpop'
import { type DeviceMessage, protocolVersion } from '../../../protocol/line.ts'
import { deviceId } from '../session/device-id.ts'
import { deviceKey } from '../session/device-key.ts'
import type { HeldSession } from '../session/held-session.ts'

/**
 * The first message on a line: the session, and a proof by this device's key that answers the server's
 * challenge, so that neither a copied token nor a recorded hello opens a line.
 *
 * @throws when the device's key cannot be had.
 */
export async function helloOf({ server, token }: HeldSession, nonce: string): Promise<DeviceMessage> {
  const [device, key] = await Promise.all([deviceId(), deviceKey()])
  const proof = await generateProof(key, `${server}/socket`, 'GET', nonce, token)
  return { type: 'hello', protocol: protocolVersion, token, device, proof }
}
