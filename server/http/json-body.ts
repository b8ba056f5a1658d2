import * as v from 'valibot'
import { Refused } from './refused.ts'
import type { Context } from './route.ts'
import { readText, TooLong } from './text-body.ts'

/** Nothing that we are asked is longer, in bytes. */
const longestBody = 16_384

/** Reads the body, as often as it is asked for. @throws Refused that says what is wrong with the body. */
export async function readBody<Schema extends v.GenericSchema>(
  context: Context,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  if (!/^application\/json\b/i.test(context.req.header('content-type') ?? ''))
    throw new Refused('bad-request', 'The body must be JSON, sent as application/json.')
  const result = v.safeParse(schema, await parsed(context))
  if (result.success) return result.output
  const [issue] = result.issues
  const where = v.getDotPath(issue)
  throw new Refused('bad-request', where === null ? issue.message : `${where}: ${issue.message}`)
}

const readWhole = (context: Context): Promise<string> =>
  readText(context, longestBody).catch((error: unknown) => {
    if (!(error instanceof TooLong)) throw error
    throw new Refused('too-large', `The body is longer than ${longestBody} bytes.`)
  })

async function parsed(context: Context): Promise<unknown> {
  const text = context.get('body') ?? (await readWhole(context))
  context.set('body', text)
  try {
    return JSON.parse(text)
  } catch {
    throw new Refused('bad-request', 'The body is not JSON.')
  }
}
