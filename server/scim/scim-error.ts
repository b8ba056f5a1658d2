import { APIError } from 'better-auth/api'

/** What an answer of ours is called on the way (RFC 7644, section 8.1). */
const scimType = 'application/scim+json'

/** The kinds of error of RFC 7644, section 3.12, that we have. */
type ScimErrorType = 'invalidSyntax' | 'invalidValue' | 'uniqueness'

/** An error as RFC 7644, section 3.12, has it. `detail` is for people. */
const errorBody = (status: number, detail: string, type?: ScimErrorType) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
  status: String(status),
  ...(type && { scimType: type }),
  detail,
})

export const scimError = (
  status: number,
  detail: string,
  type?: ScimErrorType,
  headers: Record<string, string> = {},
): Response =>
  new Response(JSON.stringify(errorBody(status, detail, type)), {
    status,
    headers: { 'Content-Type': scimType, ...headers },
  })

/** What comes too often. @param what one sentence. @param wait ms until it may come again. */
export function tooMany(what: string, wait: number): Response {
  const seconds = String(Math.ceil(wait / 1_000))
  return scimError(429, `${what} Try again in ${seconds} s.`, undefined, { 'Retry-After': seconds })
}

/** Thrown in a hook of the plugin it undoes everything, and is what the clinic's system is answered. */
export const invalidValue = (detail: string): APIError =>
  new APIError('BAD_REQUEST', { ...errorBody(400, detail, 'invalidValue'), message: detail })

/** The same for what somebody else has already. */
export const notUnique = (detail: string): APIError =>
  new APIError('CONFLICT', { ...errorBody(409, detail, 'uniqueness'), message: detail })

/** The same for what the key may not. */
export const notAllowed = (detail: string): APIError =>
  new APIError('FORBIDDEN', { ...errorBody(403, detail), message: detail })
