import { createApiKey } from '../../../server/accounts/api-keys.ts'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { putProvisioningDomain } from '../../../server/accounts/scim-owner-rows.ts'
import type { KeyScope } from '../../../server/key-scopes.ts'
import { post } from '../support/api-client.ts'
import type { TestServer } from '../support/in-process-server.ts'
import { idOf } from '../support/people.ts'

/** A program of the clinic's, with a key that holds these. @param provisioningDomain whose people it is limited to. */
export async function programWith(
  server: TestServer,
  name: string,
  scopes: KeyScope | readonly KeyScope[],
  provisioningDomain?: string,
) {
  const db = await server.db()
  const key = (await createApiKey(db, name, server.clock.wall(), scopes, { provisioningDomain })) ?? ''
  const headers = { authorization: `Bearer ${key}` }
  return {
    key,
    headers,
    post: (path: string, body: unknown, more: Record<string, string> = {}) =>
      post(server, path, body, { ...headers, ...more }),
    get: (path: string) => fetch(`${server.url}${path}`, { headers }),
    delete: (path: string, body: unknown) =>
      fetch(`${server.url}${path}`, {
        method: 'DELETE',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  }
}

/** Makes somebody one of a provisioning domain's people, as provisioning would. */
export async function provisionedBy(server: TestServer, { email }: NewAccount, domain: string) {
  await putProvisioningDomain(await server.db(), await idOf(server, email), domain)
}
