import { isRecord, type JsonRecord } from './json-record.ts'

const names = [
  ...[
    'schemas',
    'id',
    'externalId',
    'meta',
    'userName',
    'name',
    'displayName',
    'emails',
    'active',
    'password',
  ],
  ...['title', 'userType', 'preferredLanguage', 'locale', 'timezone', 'phoneNumbers', 'addresses', 'roles'],
  ...['entitlements', 'formatted', 'givenName', 'familyName', 'middleName', 'honorificPrefix'],
  ...['honorificSuffix', 'value', 'type', 'primary', 'display', 'Operations', 'op', 'path'],
]

const known = new Map(names.map((name) => [name.toLowerCase(), name]))

/** Attribute names are the same in any case (RFC 7643, section 2.1), but to the plugin: it gets them as it knows them. */
export function withKnownNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKnownNames)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      known.get(name.toLowerCase()) ?? name,
      withKnownNames(inner),
    ]),
  )
}

export interface WithoutPassword {
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
export function takePasswordOut(method: string, body: JsonRecord): WithoutPassword {
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

const deepest = 20

/** Whether something is nested deeper than anything of SCIM is. */
export const tooDeep = (value: unknown, left = deepest): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (left === 0 || Object.values(value).some((inner) => tooDeep(inner, left - 1)))
