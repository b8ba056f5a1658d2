import type { Context } from '../http/route.ts'
import { readText, TooLong } from '../http/text-body.ts'
import { scimError } from './scim-error.ts'

export type JsonRecord = Readonly<Record<string, unknown>>

/** Whether something that was JSON is an object with names. */
export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Longer than any person and any team is, in bytes. */
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
    // Half of a character, which the database would keep as another sign, is answered as it is kept.
    return JSON.parse(text, (_, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value))
  } catch {
    return undefined
  }
}

/** The attributes of people and groups (RFC 7643, sections 3.1, 4.1 to 4.3) and the fields of a PATCH, as they are written. */
const names = `schemas id externalId meta userName name displayName emails active password
  title userType preferredLanguage locale timezone phoneNumbers addresses roles entitlements
  formatted givenName familyName middleName honorificPrefix honorificSuffix
  value type primary display members Operations op path`.split(/\s+/)

const known = new Map(names.map((name) => [name.toLowerCase(), name]))

/** Attribute names are the same in any case (RFC 7643, section 2.1), but to the plugin: it gets them as it knows them. */
function withKnownNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKnownNames)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      known.get(name.toLowerCase()) ?? name,
      withKnownNames(inner),
    ]),
  )
}

interface WithoutPassword {
  readonly body: JsonRecord
  /** What was given for a password; undefined when nothing was, null when it was to be removed. */
  readonly password: unknown
}

/**
 * Takes the password out of a request (RFC 7643, section 4.1.1): the plugin knows none, and nothing that is
 * kept or answered may hold it.
 *
 * @param body with its names as the plugin knows them.
 */
function takePasswordOut(method: string, body: JsonRecord): WithoutPassword {
  if (method !== 'PATCH') {
    const { password, ...rest } = body
    return { body: rest, password: password ?? undefined }
  }
  if (!Array.isArray(body.Operations)) return { body, password: undefined }
  let password: unknown
  const Operations = body.Operations.flatMap((operation: unknown) => {
    if (!isRecord(operation)) return [operation]
    const removes = String(operation.op).toLowerCase() === 'remove'
    if (isPasswordPath(operation.path)) {
      password = removes ? null : operation.value
      return []
    }
    if (operation.path !== undefined || !isRecord(operation.value)) return [operation]
    const { password: within, ...value } = operation.value
    if (within === undefined) return [operation]
    password = within
    return Object.keys(value).length > 0 ? [{ ...operation, value }] : []
  })
  return { body: { ...body, Operations }, password }
}

const isPasswordPath = (path: unknown) =>
  typeof path === 'string' && /^(urn:ietf:params:scim:schemas:core:2\.0:User:)?password$/i.test(path.trim())

const deepestBody = 20

/** Whether something is nested deeper than anything of SCIM is. */
const tooDeep = (value: unknown, left = deepestBody): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (left === 0 || Object.values(value).some((inner) => tooDeep(inner, left - 1)))
