import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

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

/**
 * Text that everybody may read and only we can have made, to be given away and known again: nothing is kept of it.
 *
 * @param text without a dot.
 * @param context what it is good for besides, which is not in it.
 */
export const sign = (secret: string, purpose: string, text: string, context = ''): string =>
  `${text}.${keyedHash(secret, purpose, context + text)}`

/** @returns the text that was signed for this purpose and context; undefined when it was not, or by somebody else. */
export function readSigned(
  secret: string,
  purpose: string,
  signed: string,
  context = '',
): string | undefined {
  const [text = '', hash = ''] = signed.split('.', 2)
  return isKeyedHash(secret, purpose, context + text, hash) ? text : undefined
}

const sealing = 'aes-256-gcm'
/** Bytes, as NIST SP 800-38D has them by default. */
const [nonceLength, tagLength] = [12, 16]

const sealingKey = (secret: string, purpose: string) =>
  Buffer.from(keyedHash(secret, 'seal', purpose), 'base64url')

/** Text that has to be read again, and that nobody can read or change without `secret`; as base64url. */
export function seal(secret: string, purpose: string, text: string): string {
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv(sealing, sealingKey(secret, purpose), nonce)
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
}

/** @throws when it was sealed with another secret or for another purpose, or was changed. */
export function unseal(secret: string, purpose: string, text: string): string {
  const bytes = Buffer.from(text, 'base64url')
  const rest = nonceLength + tagLength
  const options = { authTagLength: tagLength }
  const decipher = createDecipheriv(
    sealing,
    sealingKey(secret, purpose),
    bytes.subarray(0, nonceLength),
    options,
  )
  decipher.setAuthTag(bytes.subarray(nonceLength, rest))
  return Buffer.concat([decipher.update(bytes.subarray(rest)), decipher.final()]).toString('utf8')
}
