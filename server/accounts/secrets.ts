import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 random bits that fit in a URL, a header and a file name. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** What is kept of a secret: enough to know it again, useless to whoever reads the database. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/**
 * A hash that nobody can make without `secret` (HMAC-SHA-256). Different purposes give hashes that say nothing
 * about each other; it is also how secrets that need not be kept are made again.
 */
export const keyedHash = (secret: string, purpose: string, text: string): string =>
  createHmac('sha256', secret).update(`${purpose}\0${text}`).digest('base64url')

/** Whether `given` is the keyed hash of `text`, found out in a time that does not depend on how near it comes. */
export function isKeyedHash(secret: string, purpose: string, text: string, given: string): boolean {
  const [expected, actual] = [Buffer.from(keyedHash(secret, purpose, text)), Buffer.from(given)]
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}
