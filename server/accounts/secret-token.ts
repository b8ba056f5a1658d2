import { createHash, createHmac, randomBytes } from 'node:crypto'

/** 256 random bits that fit in a URL, a header and a file name. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** What is kept of a secret: enough to know it again, useless to whoever reads the database. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/**
 * A hash that nobody can make without `secret`. Different purposes give hashes that say nothing about each
 * other; it is also how secrets that need not be kept are made again.
 */
export const keyedHash = (secret: string, purpose: string, text: string): string =>
  createHmac('sha256', secret).update(`${purpose}\0${text}`).digest('base64url')
