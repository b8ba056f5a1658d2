/**
 * A name that nobody else has or guesses: 128 random bits as 32 lower-case hex digits. A page at plain http has no
 * `crypto.randomUUID`.
 */
export const randomName = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
