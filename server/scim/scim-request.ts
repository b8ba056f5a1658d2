import { readText, TooLong } from '../http/read-text.ts'
import type { Context } from '../http/route.ts'
import { isRecord, type JsonRecord } from './json-record.ts'
import { takePasswordOut, tooDeep, withKnownNames } from './scim-body.ts'
import { scimError } from './scim-error.ts'

/** Longer than any person is, in bytes. */
const longestBody = 65_536

/** What the clinic's system asks, without the password that may have come with it. */
export interface ScimRequest {
  readonly method: string
  /** With its parameters. */
  readonly path: string
  /** As it goes to the plugin; undefined when nothing came. */
  readonly body: JsonRecord | string | undefined
  readonly contentType: string | undefined
  readonly password: unknown
}

/** @returns an answer instead, when it is not even a request. */
export async function readScimRequest(context: Context): Promise<ScimRequest | Response> {
  const { method } = context.req
  const { pathname, search } = new URL(context.req.url)
  const asked = { method, path: pathname + search, contentType: context.req.header('content-type') }
  if (method === 'GET' || method === 'DELETE') return { ...asked, body: undefined, password: undefined }
  try {
    const text = await readText(context, longestBody)
    const parsed = parse(text)
    // The plugin says what is wrong with it.
    if (!isRecord(parsed)) return { ...asked, body: text, password: undefined }
    if (tooDeep(parsed)) return scimError(400, 'The body is nested too deeply.', 'invalidSyntax')
    const known = withKnownNames(parsed)
    return { ...asked, ...takePasswordOut(method, isRecord(known) ? known : {}) }
  } catch (error) {
    if (error instanceof TooLong) return scimError(413, `The body is longer than ${longestBody} bytes.`)
    throw error
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
