import { createHmac, timingSafeEqual } from 'node:crypto'

/** The name of the hidden field that carries it. */
export const formTokenField = 'form'

/**
 * What a form of a signed-in page carries to show that it was made for this session: a second lock beside
 * `isOwnForm`. Pages that know nobody need none.
 */
export const formToken = (secret: string, sessionId: string): string =>
  createHmac('sha256', secret).update(`form ${sessionId}`).digest('base64url')

export function isFormToken(secret: string, sessionId: string, sent: string): boolean {
  const [own, other] = [Buffer.from(formToken(secret, sessionId)), Buffer.from(sent)]
  return own.length === other.length && timingSafeEqual(own, other)
}
