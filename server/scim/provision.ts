import type { ApiKey } from '../accounts/api-keys.ts'
import type { Client } from '../accounts/audit.ts'
import type { Auth } from '../accounts/auth.ts'
import type { Database } from '../database/tables.ts'
import { describeOurselves } from './discovery.ts'
import { recordProvisioning, takePassword } from './follow-source.ts'
import { isRecord } from './json-record.ts'
import { newPassword } from './new-password.ts'
import { type Provisioning, provisioning } from './provisioning.ts'
import { scimError } from './scim-error.ts'
import type { Scim } from './scim-plugin.ts'
import type { ScimRequest } from './scim-request.ts'
import { knownBy } from './source.ts'

export interface ProvisionDependencies {
  readonly db: Database
  readonly auth: Auth
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
}

const refused = (answer: Response): Provisioned => ({ answer, touched: new Set() })

/** Does what the clinic's system asks: the plugin speaks SCIM, and the account here follows in its transaction. */
export async function provision(
  dependencies: ProvisionDependencies,
  ask: ScimRequest,
  provisioner: Provisioner,
): Promise<Provisioned> {
  const before = await knownBy(dependencies.db, scimIdOf(ask.path))
  const password = await newPassword(dependencies, ask.password, before?.userId)
  if (password.kind === 'invalid')
    return refused(scimError(400, `password: ${password.error}`, 'invalidValue'))
  const current: Provisioning = {
    ...provisioner,
    before,
    method: ask.method,
    password: password.hash,
    transaction: undefined,
    touched: new Set(),
  }
  const { handler } = await dependencies.scim()
  const answer = await provisioning.run(current, () => handler(asRequest(ask, dependencies.publicUrl())))
  if (!answer.ok) return refused(answer)
  if (before && current.password !== undefined) await setAlone(dependencies.db, current, before.userId)
  const described = ask.method === 'GET' && !ask.path.startsWith('/scim/v2/Users')
  return { answer: described ? await trueOfUs(answer) : answer, touched: current.touched }
}

const scimIdOf = (path: string): string => /^\/scim\/v2\/Users\/([^/?]+)/.exec(path)?.[1] ?? ''

function asRequest({ path, method, body, contentType }: ScimRequest, publicUrl: string): Request {
  const headers = new Headers({ authorization: 'Bearer admitted', accept: 'application/scim+json' })
  if (contentType !== undefined) headers.set('content-type', contentType)
  const text = typeof body === 'object' ? JSON.stringify(body) : body
  return new Request(`${publicUrl}${path}`, { method, headers, ...(text !== undefined && { body: text }) })
}

/** The plugin, for which nothing else has changed, had no occasion to tell. */
const setAlone = (db: Database, current: Provisioning, userId: string): Promise<void> =>
  db.transaction().execute(async (transaction) => {
    await recordProvisioning(transaction, current, userId, 'provisioning-changed')
    await takePassword(transaction, current, userId)
  })

async function trueOfUs(answer: Response): Promise<Response> {
  const locale: unknown = await answer.json()
  const body = JSON.stringify(isRecord(locale) ? describeOurselves(locale) : locale)
  return new Response(body, { status: answer.status, headers: answer.headers })
}
