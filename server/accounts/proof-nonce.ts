import { timingSafeEqual } from 'node:crypto'
import { keyedHash } from './secret-token.ts'

/** A nonce is good for so long, in ms. */
export const nonceLifetime = 300_000
/** One that seems to come from later than this, in ms, was made before somebody set the clock back. */
const ahead = 5_000

const purpose = 'dpop-nonce'

/** A nonce made at `now` (wall-clock ms). Nothing is kept of it: it is known again by its signature. */
export const newNonce = (secret: string, now: number): string => {
  const at = Math.floor(now).toString(36)
  return `${at}.${keyedHash(secret, purpose, at)}`
}

/** @returns until when the nonce is good, in wall-clock ms; undefined when it is not ours, or not good now. */
export function nonceGoodUntil(secret: string, nonce: string, now: number): number | undefined {
  const [at = '', signature = ''] = nonce.split('.', 2)
  const expected = Buffer.from(keyedHash(secret, purpose, at))
  const given = Buffer.from(signature)
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined
  const made = Number.parseInt(at, 36)
  return made <= now + ahead && now < made + nonceLifetime ? made + nonceLifetime : undefined
}
