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
export function describeOurselves(locale: JsonRecord): JsonRecord {
  if (locale.id === `${core}:User` && Array.isArray(locale.attributes))
    return { ...locale, attributes: [...locale.attributes, password] }
  if (isRecord(locale.changePassword)) return { ...locale, changePassword: { supported: true } }
  if (!Array.isArray(locale.Resources)) return locale
  const Resources = locale.Resources.filter(isRecord)
    .filter(({ id }) => id !== 'Group' && id !== `${core}:Group`)
    .map(describeOurselves)
  return { ...locale, totalResults: Resources.length, itemsPerPage: Resources.length, Resources }
}
