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

export const withCookie = (at: At, cookie: string): AtAccount => ({
  cookie,
  getPage: (path = '/account') => getPage(at, path, { cookie }),
  sendForm: (path, fields = {}, headers = {}) => sendForm(at, path, fields, { cookie, ...headers }),
})
