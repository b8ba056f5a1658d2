import * as v from 'valibot'
import { onOff, type ReadFrom } from '../environment.ts'

/** As RFC 7064 and RFC 7065 write them: a host and maybe a port, and of a relay by what it is reached. */
const host = String.raw`(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?`
const stunAddress = new RegExp(`^stuns?:${host}$`, 'i')
const turnAddress = new RegExp(String.raw`^turns?:${host}(\?transport=(udp|tcp))?$`, 'i')

/** A page is told of so many at most: each costs it time before it finds a way. */
const mostAddresses = 5

const addresses = (pattern: RegExp, rule: string) =>
  v.pipe(
    v.string(),
    v.transform((text) => text.split(/[\s,]+/).filter((address) => address !== '')),
    v.check((all) => all.length <= mostAddresses && all.every((address) => pattern.test(address)), rule),
  )

const stunRule =
  'STUN_URLS must be up to five STUN servers with commas between: stun:stun.example:3478. Leave it out where everybody is in one network.'
const turnRule =
  'TURN_URLS must be up to five relays with commas between: turn:turn.example:3478?transport=udp,turns:turn.example:5349.'

export const roomEnvironment = {
  STUN_URLS: v.optional(addresses(stunAddress, stunRule), ''),
  TURN_URLS: v.optional(addresses(turnAddress, turnRule), ''),
  TURN_SECRET: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.minLength(16, 'TURN_SECRET must have 16 characters at least: the relay’s static-auth-secret.'),
    ),
  ),
  TURN_ONLY: v.optional(onOff('TURN_ONLY'), 'off'),
}

export const turnTogetherRule =
  'TURN_URLS and TURN_SECRET go together: the relays, and the secret by which they know who may use them (static-auth-secret of coturn).'
export const turnOnlyRule = 'TURN_ONLY needs a relay: set TURN_URLS and TURN_SECRET, or leave it off.'

/** Whether relays and their secret are both there, or neither. */
export const haveTurnTogether = ({
  TURN_URLS,
  TURN_SECRET,
}: Pick<ReadFrom<typeof roomEnvironment>, 'TURN_URLS' | 'TURN_SECRET'>): boolean =>
  TURN_URLS.length > 0 === (TURN_SECRET !== undefined)

export interface RoomConfig {
  readonly stunUrls: readonly string[]
  /** Undefined where there is no relay. */
  readonly turn?: { readonly urls: readonly string[]; readonly secret: string } | undefined
  /** All media goes by a relay: neither side learns where the other is. */
  readonly turnOnly: boolean
}

export const roomConfig = (environment: ReadFrom<typeof roomEnvironment>): RoomConfig => ({
  stunUrls: environment.STUN_URLS,
  turn:
    environment.TURN_SECRET === undefined
      ? undefined
      : { urls: environment.TURN_URLS, secret: environment.TURN_SECRET },
  turnOnly: environment.TURN_ONLY,
})
