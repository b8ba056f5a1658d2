import type { ApiKey } from '../accounts/api-keys.ts'
import type { Client } from '../accounts/audit.ts'
import type { PasswordDependencies } from '../accounts/passwords.ts'
import type { Database } from '../database/tables.ts'
import { noteGroups } from './groups.ts'
import { applyPassword, passwordToSet } from './password.ts'
import {
  type ProvisioningContext,
  provisioningContext,
  provisioningTransaction,
  recordProvisioning,
} from './provisioning-context.ts'
import { connectionOf } from './provisioning-domain.ts'
import { scimError, tooMany } from './scim-error.ts'
import type { Scim } from './scim-plugin.ts'
import { isRecord, type JsonRecord, type ScimRequest } from './scim-request.ts'
import { findKnownUser } from './scim-user-rows.ts'

export interface ProvisionDependencies extends PasswordDependencies {
  readonly scim: () => Promise<Scim>
  readonly publicUrl: () => string
}

export interface Provisioner {
  readonly caller: ApiKey
  readonly from: Client
  /** Wall-clock ms. */
  readonly now: number
}

export interface Provisioned {
  readonly answer: Response
  /** The people whose devices have to hear of it. */
  readonly touched: ReadonlySet<string>
  /** Whether there are contacts to be made or ended. */
  readonly teamsChanged: boolean
}

const refused = (answer: Response): Provisioned => ({ answer, touched: new Set(), teamsChanged: false })

/** Does what the clinic's system asks: the plugin speaks SCIM, and the account here follows in its transaction. */
export async function provision(
  dependencies: ProvisionDependencies,
  request: ScimRequest,
  provisioner: Provisioner,
): Promise<Provisioned> {
  const before = await findKnownUser(
    dependencies.db,
    connectionOf(provisioner.caller),
    scimIdOf(request.path),
  )
  const own = [...stringsIn(request.body), ...stringsIn(before), dependencies.publicUrl()]
  const password = await passwordToSet(dependencies, request.password, before?.userId, own, provisioner.now)
  if (password.kind === 'too-often')
    return refused(tooMany('password: it was changed too often within an hour.', password.wait))
  if (password.kind === 'invalid')
    return refused(scimError(400, `password: ${password.error}`, 'invalidValue'))
  const current: ProvisioningContext = {
    ...provisioner,
    secret: dependencies.secret,
    before,
    method: request.method,
    path: request.path,
    passwordHash: password.hash,
    transaction: undefined,
    touched: new Set(),
    beforeCommit: (transaction) => noteGroups(transaction, current),
    teamsChanged: false,
  }
  const { handler } = await dependencies.scim()
  const answer = await provisioningContext.run(current, () =>
    handler(asRequest(request, dependencies.publicUrl())),
  )
  if (!answer.ok) return refused(answer)
  if (before && current.passwordHash !== undefined) await setAlone(dependencies.db, current, before.userId)
  const described = request.method === 'GET' && !/^\/scim\/v2\/(Users|Groups)/.test(request.path)
  const { touched, teamsChanged } = current
  return { answer: described ? await trueOfUs(answer) : answer, touched, teamsChanged }
}

/** Whatever is said of somebody, but for what kind of thing they are (`schemas`). */
const stringsIn = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, inner]) => (name === 'schemas' ? [] : stringsIn(inner)))
      : []

const scimIdOf = (path: string): string => /^\/scim\/v2\/Users\/([^/?]+)/.exec(path)?.[1] ?? ''

function asRequest({ path, method, body, contentType }: ScimRequest, publicUrl: string): Request {
  const headers = new Headers({ authorization: 'Bearer admitted', accept: 'application/scim+json' })
  if (contentType !== undefined) headers.set('content-type', contentType)
  const text = typeof body === 'object' ? JSON.stringify(body) : body
  return new Request(`${publicUrl}${path}`, { method, headers, ...(text !== undefined && { body: text }) })
}

/** The plugin, for which nothing else has changed, had no occasion to tell. */
const setAlone = (db: Database, current: ProvisioningContext, userId: string): Promise<void> =>
  provisioningTransaction(db, current, async (transaction) => {
    await recordProvisioning(transaction, current, userId, 'provisioning-changed')
    await applyPassword(transaction, current, userId)
  })

async function trueOfUs(answer: Response): Promise<Response> {
  const description: unknown = await answer.json()
  const body = JSON.stringify(isRecord(description) ? describeOurselves(description) : description)
  return new Response(body, { status: answer.status, headers: answer.headers })
}

const core = 'urn:ietf:params:scim:schemas:core:2.0'

/** RFC 7643, section 4.1.1. */
const passwordAttribute = {
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

/** What the plugin says of itself, made true for this server: it sets passwords. */
function describeOurselves(description: JsonRecord): JsonRecord {
  if (description.id === `${core}:User` && Array.isArray(description.attributes))
    return { ...description, attributes: [...description.attributes, passwordAttribute] }
  if (isRecord(description.changePassword)) return { ...description, changePassword: { supported: true } }
  if (!Array.isArray(description.Resources)) return description
  return { ...description, Resources: description.Resources.filter(isRecord).map(describeOurselves) }
}
