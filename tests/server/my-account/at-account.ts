import * as v from 'valibot'
import { accountLinkResponse } from '../../../protocol/http.ts'
import { postFrom } from '../support/api-client.ts'
import { keyOf } from '../support/dpop-proofs.ts'
import { getPage, sendForm } from '../support/html-pages.ts'
import type { InProcessServer } from '../support/in-process-server.ts'

type At = Pick<InProcessServer, 'url'>

/** A browser at My account. */
export interface AtAccount {
  readonly cookie: string
  getPage(path?: string): Promise<Response>
  sendForm(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Response>
}

/** Asks for the address that opens the pages, as the extension does. */
export async function accountLink(at: At, token: string, device = 'device-1'): Promise<URL> {
  const response = await postFrom(await keyOf(device), at, '/api/account/link', {}, {}, token)
  if (!response.ok) throw new Error(`no link was given: ${await response.text()}`)
  return new URL(v.parse(accountLinkResponse, await response.json()).url)
}

export const cookieOf = (response: Response): string =>
  response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''

/** Opens My account in a browser, by a session. */
export async function openAccount(at: At, token: string, device = 'device-1'): Promise<AtAccount> {
  const { pathname, search } = await accountLink(at, token, device)
  const entered = await getPage(at, `${pathname}${search}`)
  return withCookie(at, cookieOf(entered))
}

/** A browser that has this cookie, and keeps those that it is given. */
export function withCookie(at: At, cookie: string): AtAccount {
  const given = new Map<string, string>()
  const header = () => [cookie, ...given.values()].join('; ')
  const keep = (response: Response): Response => {
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';', 1)
      const [name = ''] = pair.split('=', 1)
      // What ends the web session is not heeded: the tests ask what the server makes of one that is over.
      if (cookie.startsWith(`${name}=`)) continue
      if (/; Max-Age=0/i.test(line)) given.delete(name)
      else given.set(name, pair)
    }
    return response
  }
  return {
    cookie,
    getPage: async (path = '/account') => keep(await getPage(at, path, { cookie: header() })),
    sendForm: async (path, fields = {}, headers = {}) =>
      keep(await sendForm(at, path, fields, { cookie: header(), ...headers })),
  }
}
