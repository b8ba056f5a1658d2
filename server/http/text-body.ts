import { Refused } from './refused.ts'
import type { Context } from './route.ts'

/** A body was longer than its reader takes. */
export class TooLong extends Error {
  override readonly name = 'TooLong'
}

/**
 * Reads no further than `most` bytes, whatever length was announced. Hono's own limit cannot wrap this
 * server's requests.
 *
 * @throws TooLong; Refused when whoever asked broke off, which is no error of ours: nobody hears it.
 */
export async function readText(context: Context, most: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of context.req.raw.body ?? []) {
      length += chunk.length
      if (length > most) throw new TooLong(`the body is longer than ${most} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof TooLong) throw error
    throw new Refused('bad-request', 'The request ended before its body did.')
  }
  return Buffer.concat(chunks).toString()
}
