import type { Json } from '../json.ts'

/** Bytes that a payload or a reply may have as JSON: a quarter of what a NATS server takes by default. */
export const largestMessage = 262_144

/**
 * A payload as it travels.
 *
 * @throws RangeError when it is too large for a bus, and TypeError when `subject` is none that everybody may use.
 */
export function messageText(subject: string, payload: Json): string {
  checkSubject(subject)
  return payloadText(subject, payload)
}

/** @throws TypeError when it is none that everybody may use. */
export function checkSubject(subject: string): void {
  if (!/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(subject))
    throw new TypeError('a subject is words of A–Z a–z 0–9 _ - with dots between')
}

/** The same for a subject that was looked at before. @throws RangeError as `messageText` does. */
export function payloadText(subject: string, payload: Json): string {
  const text = JSON.stringify(payload)
  // No text has more bytes than three for each of its units.
  if (text.length * 3 > largestMessage && Buffer.byteLength(text) > largestMessage)
    throw new RangeError(`a message on ${subject} is larger than ${largestMessage} bytes`)
  return text
}
