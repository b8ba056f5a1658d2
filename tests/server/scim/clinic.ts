import { createApiKey } from '../../../server/accounts/api-keys.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'

export const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

export const nurse = {
  schemas: [userSchema],
  userName: 'Nora.N',
  externalId: 'staff-7',
  name: { formatted: 'Nora Nurse' },
  emails: [{ value: 'nora@clinic.example', primary: true, type: 'work' }],
  preferredLanguage: 'de-AT',
  active: true,
  password: 'Quiet-harbour-31',
}

/** Everything that may be asked, of a person whom nobody has made where it is of one. */
export const questions = [
  ['GET', '/Users'],
  ['POST', '/Users'],
  ['PUT', '/Users/x'],
  ['PATCH', '/Users/x'],
  ['DELETE', '/Users/x'],
  ['GET', '/ServiceProviderConfig'],
  ['GET', '/Schemas'],
  ['GET', '/ResourceTypes'],
] as const

export interface ScimAnswer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: what a server says is looked at by the test
  readonly body: any
  readonly text: string
}

/** The clinic's own system, with a key that provisions. */
export interface Clinic<Server = InProcessServer> {
  readonly server: Server
  readonly key: string
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ScimAnswer>
  /** Makes somebody. @returns the id that the clinic uses. */
  make(person?: object): Promise<string>
  patch(id: string, ...operations: readonly object[]): Promise<ScimAnswer>
}

export async function startClinic(): Promise<Clinic> {
  const server = await startInProcessServer()
  const key = await createApiKey(await server.db(), 'Clinic', server.clock.wall(), 'scim')
  return clinicOf(server, key ?? '')
}

/** A clinic's own system as it asks a server, by one of its keys. */
export function clinicOf<Server extends { readonly url: string }>(
  server: Server,
  key: string,
): Clinic<Server> {
  const ask: Clinic['ask'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${server.url}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/scim+json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const { status, headers: answered } = response
    return { status, headers: answered, text, body: text === '' ? undefined : JSON.parse(text) }
  }

  return {
    server,
    key,
    ask,
    async make(person = {}) {
      const { status, body, text } = await ask('POST', '/Users', { ...nurse, ...person })
      if (status !== 201) throw new Error(text)
      return body.id
    },
    patch: (id, ...Operations) => ask('PATCH', `/Users/${id}`, { schemas: [patchSchema], Operations }),
  }
}
