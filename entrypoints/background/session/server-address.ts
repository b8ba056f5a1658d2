import type { SetServerReply } from '../../../messages/commands.ts'
import { parseUrl } from '../parse-url.ts'

type Refused = Extract<SetServerReply, { ok: false }>

const local = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Reads what a person typed as a server's address and gives its origin, or why it cannot be one. */
export function readServerAddress(
  typed: string,
): { readonly origin: string } | { readonly why: Refused['why'] } {
  const text = typed.trim()
  if (text === '') return { why: 'empty' }
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { why: 'no-scheme' }
  const url = parseUrl(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    return { why: 'not-an-address' }
  if (url.protocol === 'http:' && !local.has(url.hostname)) return { why: 'not-secure' }
  return { origin: url.origin }
}
