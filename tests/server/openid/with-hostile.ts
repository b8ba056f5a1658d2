import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann } from '../support/people.ts'
import { type AtIssuer, signInAtIssuer } from './extension.ts'
import { type HostileIssuer, hostileIssuer, type Wrong } from './hostile-issuer.ts'

export const clientId = 'reachable'
export const clientSecret = 'a-secret-that-nobody-sees-0815'

export interface HostileSetup {
  readonly server: InProcessServer
  readonly there: HostileIssuer
  readonly at: AtIssuer
  /** What a sign-in comes to with such an issuer: the error, or `code`. */
  outcome(wrong: Wrong): Promise<string>
}

/** A server whose issuer lies; without people, but with two domains whose people are welcome. */
export async function withHostile(
  people: readonly NewAccount[] = [{ ...ann, verified: true }],
  env: Record<string, string> = {},
): Promise<HostileSetup> {
  const there = await hostileIssuer(clientId)
  const server = await startInProcessServer({
    env: {
      OPENID_ISSUER: there.issuer,
      OPENID_DOMAINS: 'welcome.example,clinic.example',
      OPENID_CLIENT_ID: clientId,
      OPENID_CLIENT_SECRET: clientSecret,
      ...env,
    },
  })
  await addPeople(server.dataDir, ...people)
  const at = { url: server.url, issuer: there.issuer }
  return {
    server,
    there,
    at,
    async outcome(wrong) {
      there.wrong = wrong
      const { error, code, ended } = await signInAtIssuer(at)
      return error ?? (code === '' ? `page ${ended.status}` : 'code')
    },
  }
}

export const auditOf = async ({ server }: Pick<HostileSetup, 'server'>) =>
  (await (await server.db()).selectFrom('audit').selectAll().orderBy('id').execute()).map(
    ({ what, who, detail }) => ({ what, who, ...(JSON.parse(detail) as object) }),
  )
