/** What an answer of ours is called on the way (RFC 7644, section 8.1). */
export const scimType = 'application/scim+json'

/** The kinds of error of RFC 7644, section 3.12, that we have. */
export type ScimErrorType = 'invalidSyntax' | 'invalidValue' | 'uniqueness' | 'mutability'

export interface ScimErrorBody {
  readonly schemas: readonly string[]
  readonly status: string
  readonly detail: string
  readonly scimType?: ScimErrorType
}

/** An error as RFC 7644, section 3.12, has it. `detail` is for people. */
export const scimErrorBody = (status: number, detail: string, type?: ScimErrorType): ScimErrorBody => ({
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
  new Response(JSON.stringify(scimErrorBody(status, detail, type)), {
    status,
    headers: { 'Content-Type': scimType, ...headers },
  })
