import type { SetServerReply } from '../../../messages/commands.ts'
import { loopbackNames, plainHosts } from '../../../protocol/loopback.ts'
import { parseUrl } from '../parse-url.ts'

type Refused = Extract<SetServerReply, { ok: false }>

/** Whether somebody began with a scheme; what stands before a port is none. */
const hasScheme = (text: string) => /^(https?:|[a-z][a-z0-9+.-]*:\/\/)/i.test(text)

/**
 * Reads what a person typed as a server's address and gives its origin, or why it cannot be one. A bare host is meant
 * with https, and with http where it is this machine, which has no certificate; one of IPv6 is read as `localhost`.
 */
export function readServerAddress(
  typed: string,
): { readonly origin: string } | { readonly why: Refused['why'] } {
  const text = typed.trim()
  if (text === '') return { why: 'empty' }
  // Browsers would write a space into the name of a host as %20.
  if (/\s/.test(text)) return { why: 'not-an-address' }
  const url = hasScheme(text) ? parseUrl(text) : readBare(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    return { why: 'not-an-address' }
  if (url.protocol === 'https:') return { origin: url.origin }
  if (!loopbackNames.includes(url.hostname)) return { why: 'not-secure' }
  if (!plainHosts.includes(url.hostname)) url.hostname = 'localhost'
  return { origin: url.origin }
}

function readBare(text: string): URL | null {
  const secure = parseUrl(`https://${text}`)
  return secure && loopbackNames.includes(secure.hostname) ? parseUrl(`http://${text}`) : secure
}
