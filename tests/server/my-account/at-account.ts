import * as v from 'valibot'
import { accountLinkResponse } from '../../../protocol/http.ts'
import { postFrom } from '../support/ask.ts'
import { look, send } from '../support/page.ts'
import { keyOf } from '../support/proofs.ts'
import type { Running } from '../support/start-service.ts'

type At = Pick<Running, 'url'>

/** A browser at the account pages. */
export interface AtAccount {
  readonly cookie: string
  look(path?: string): Promise<Response>
  send(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Response>
}

/** Asks for the address that opens the pages, as the extension does. */
export async function accountLink(at: At, token: string, device = 'device-1'): Promise<URL> {
  const response = await postFrom(await keyOf(device), at, '/api/account/link', {}, {}, token)
  if (!response.ok) throw new Error(`no link was given: ${await response.text()}`)
  return new URL(v.parse(accountLinkResponse, await response.json()).url)
}

export const cookieOf = (response: Response): string =>
  response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''

/** Opens the account pages in a browser, by a session. */
export async function openAccount(at: At, token: string, device = 'device-1'): Promise<AtAccount> {
  const { pathname, search } = await accountLink(at, token, device)
  const entered = await look(at, `${pathname}${search}`)
  return withCookie(at, cookieOf(entered))
}

export const withCookie = (at: At, cookie: string): AtAccount => ({
  cookie,
  look: (path = '/account') => look(at, path, { cookie }),
  send: (path, fields = {}, headers = {}) => send(at, path, fields, { cookie, ...headers }),
})
