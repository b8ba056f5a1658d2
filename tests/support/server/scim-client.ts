import { createApiKey } from '../../../server/accounts/api-keys.ts'
import type { Person } from './add-person.ts'
import { withDatabaseOf } from './database-of.ts'
import type { Server } from './start-server.ts'

/** The clinic's own system as far as it makes accounts: by SCIM 2.0 (RFC 7644). */
export async function openScimClient(server: Server) {
  const key = await withDatabaseOf(server, (db) => createApiKey(db, 'staff', Date.now(), 'scim'))
  if (key === undefined) throw new Error('There is a key of this name already')

  async function ask(method: string, path: string, body: object): Promise<string> {
    const response = await fetch(`${server.url}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return String((JSON.parse(text) as { id: unknown }).id)
  }

  const replace = (id: string, path: string, value: unknown) =>
    ask('PATCH', `/Users/${id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path, value }],
    })

  return {
    /** @returns the id that SCIM knows the person by. */
    make: ({ username, email, name, password }: Person) =>
      ask('POST', '/Users', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        ...{ userName: username, name: { formatted: name }, active: true, password },
        emails: [{ value: email, primary: true }],
      }),
    rename: (id: string, name: string) => replace(id, 'name.formatted', name),
    disable: (id: string) => replace(id, 'active', false),
  }
}
