import * as v from 'valibot'
import type { OpenPageReply, ServerPage } from '../../../messages/commands.ts'
import { browser } from '../../../platform/browser.ts'
import { accountLinkResponse, type SignInOffers } from '../../../protocol/http.ts'
import { parseUrl } from '../parse-url.ts'
import { askServer } from '../session/ask-server.ts'
import { deviceKey } from '../session/device-identity.ts'
import { readAnswer } from '../session/read-answer.ts'
import type { StoredSession } from '../session/session-storage.ts'

/**
 * Opens a page of the server in a tab. The account's page is opened by a one-time link, so that the
 * session's token never stands in an address.
 */
export async function openServerPage(
  page: ServerPage,
  current: StoredSession | null,
  offers: SignInOffers,
): Promise<OpenPageReply> {
  if (page !== 'account') return await open(page === 'forgot' ? offers.forgot : offers.signUp)
  if (!current) return { ok: false, why: 'not-offered' }
  try {
    await deviceKey()
  } catch {
    return { ok: false, why: 'storage' }
  }
  const { server, token } = current
  const response = await askServer({
    server,
    path: '/api/account/link',
    body: {},
    token,
    within: 8_000,
  }).catch(() => null)
  if (response === null) return { ok: false, why: 'server-silent' }
  const link = v.safeParse(accountLinkResponse, await readAnswer(response))
  return link.success ? await open(link.output.url) : { ok: false, why: 'server-fault' }
}

async function open(address: string | null): Promise<OpenPageReply> {
  const url = address === null ? null : parseUrl(address)
  if (!url || !/^https?:$/.test(url.protocol)) return { ok: false, why: 'not-offered' }
  await browser.tabs.create({ url: url.href })
  return { ok: true }
}
