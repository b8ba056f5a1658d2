import * as v from 'valibot'
import { Refused } from './refused.ts'
import type { Request } from './route.ts'

/** Nothing that we are asked is longer, in bytes. */
const longestBody = 16_384

/** @throws Refused that says what is wrong with the body. */
export async function readBody<Schema extends v.GenericSchema>(
  request: Request,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  if (!/^application\/json\b/i.test(request.req.header('content-type') ?? ''))
    throw new Refused('bad-request', 'The body must be JSON, sent as application/json.')
  const result = v.safeParse(schema, await parsed(request))
  if (result.success) return result.output
  const [issue] = result.issues
  const where = v.getDotPath(issue)
  throw new Refused('bad-request', where === null ? issue.message : `${where}: ${issue.message}`)
}

async function parsed(request: Request): Promise<unknown> {
  const text = await read(request)
  try {
    return JSON.parse(text)
  } catch {
    throw new Refused('bad-request', 'The body is not JSON.')
  }
}

/** Reads no further than the limit, whatever length was announced. Hono's own limit cannot wrap this server's requests. */
async function read(request: Request): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.req.raw.body ?? []) {
    length += chunk.length
    if (length > longestBody) throw new Refused('too-large', `The body is longer than ${longestBody} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
