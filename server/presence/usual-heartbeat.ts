/** A whole text (RFC 6455, 5.2) in one frame, and the bit of what comes from a device: its bytes are masked. */
const wholeText = 0x81
const masked = 0x80
/** Before the text are these two bytes and four of the mask. */
const headerLength = 6

const beginning = Buffer.from('{"type":"heartbeat","n":')
const [zero, nine, closingBrace] = Buffer.from('09}') as unknown as [number, number, number]
/** Below 2^53 by so many digits. */
const mostDigits = 15
const shortest = headerLength + beginning.length + 2
const longest = shortest + mostDigits - 1

/**
 * The number of a heartbeat, read from the bytes of a frame as nearly every frame of a device is: alone in its packet, and
 * written as `JSON.stringify` does.
 *
 * @returns undefined for anything else, which says nothing about what it is.
 */
export function usualHeartbeat(bytes: Uint8Array): number | undefined {
  const { length } = bytes
  if (length < shortest || length > longest || bytes[0] !== wholeText) return undefined
  if (bytes[1] !== (masked | (length - headerLength))) return undefined
  for (let at = 0; at < beginning.length; at += 1)
    if (unmasked(bytes, headerLength + at) !== beginning[at]) return undefined
  if (unmasked(bytes, length - 1) !== closingBrace) return undefined
  const first = headerLength + beginning.length
  let n = 0
  for (let at = first; at < length - 1; at += 1) {
    const digit = unmasked(bytes, at)
    if (digit < zero || digit > nine) return undefined
    n = n * 10 + digit - zero
  }
  const isPadded = unmasked(bytes, first) === zero && length > shortest
  return isPadded ? undefined : n
}

const unmasked = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) ^ (bytes[2 + ((at - headerLength) & 3)] ?? 0)
