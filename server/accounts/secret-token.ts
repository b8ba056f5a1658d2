import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits that fit in a URL, a header and a file name. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** What is kept of a secret: enough to know it again, useless to whoever reads the database. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')
