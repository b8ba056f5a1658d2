import { createHmac } from 'node:crypto'
import { type RoomIce, roomTiming } from '../../protocol/room.ts'
import type { RoomConfig } from './room-config.ts'

/**
 * The servers by which a page finds its way to the other one. Credentials of a relay are made of the secret that it shares
 * with us: the name says until when they are good, and the password is that name's HMAC
 * (draft-uberti-behave-turn-rest; coturn's `use-auth-secret`).
 *
 * @param name by which the relay tells whom it serves. @param now wall-clock ms.
 */
export function iceServers(
  { stunUrls, turn }: Pick<RoomConfig, 'stunUrls' | 'turn'>,
  name: string,
  now: number,
): RoomIce {
  const stun = stunUrls.length > 0 ? [{ urls: [...stunUrls] }] : []
  if (!turn) return { servers: stun, goodFor: null }
  const username = `${Math.floor((now + roomTiming.credentialsFor) / 1_000)}:${name}`
  const credential = createHmac('sha1', turn.secret).update(username).digest('base64')
  return {
    servers: [...stun, { urls: [...turn.urls], username, credential }],
    goodFor: roomTiming.credentialsFor,
  }
}
