import { isRecord, type JsonRecord } from './json-record.ts'

/** RFC 7643, section 4.1.1. */
const password = {
  name: 'password',
  type: 'string',
  multiValued: false,
  description: 'The password that the person logs in with. Set by the rules of this server, and never told.',
  required: false,
  caseExact: true,
  mutability: 'writeOnly',
  returned: 'never',
  uniqueness: 'none',
}

const core = 'urn:ietf:params:scim:schemas:core:2.0'

/** What the plugin says of itself, made true for this server: it sets passwords, and has no groups. */
export function describeOurselves(said: JsonRecord): JsonRecord {
  if (said.id === `${core}:User` && Array.isArray(said.attributes))
    return { ...said, attributes: [...said.attributes, password] }
  if (isRecord(said.changePassword)) return { ...said, changePassword: { supported: true } }
  if (!Array.isArray(said.Resources)) return said
  const Resources = said.Resources.filter(isRecord)
    .filter(({ id }) => id !== 'Group' && id !== `${core}:Group`)
    .map(describeOurselves)
  return { ...said, totalResults: Resources.length, itemsPerPage: Resources.length, Resources }
}
