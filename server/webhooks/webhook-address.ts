import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * Where a webhook may be. Whoever has a key names any address, and this server stands where others do not: so nothing is
 * sent to a private address unless the operator says so.
 */

/** Addresses of IPv4 in the old way of writing them as IPv6: some systems connect to what they carry. */
const carriesIpv4 = ipaddr.IPv6.parseCIDR('::/96')

/** @param address as a connection is made to it, not as somebody wrote it. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const at = ipaddr.process(address)
  // Whatever else carries another address in itself (NAT64, 6to4, Teredo) is a range of its own here, and not this one.
  return at.range() === 'unicast' && !(at instanceof ipaddr.IPv6 && at.match(carriesIpv4))
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || (isIP(hostname) > 0 && ipaddr.process(hostname).range() === 'loopback')

/** The host of an address, without what brackets IPv6. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1')

/** @returns why a webhook may not be there, for people; undefined where it may, as far as its name tells. */
export function whyNotAllowed(address: string, isPrivateAllowed: boolean): string | undefined {
  if (!URL.canParse(address)) return 'This is no address of a web server.'
  const url = new URL(address)
  const host = hostOf(url)
  if (url.username !== '' || url.password !== '')
    return 'An address with a name and a password in it is not taken: what is sent is signed.'
  if (url.hash !== '') return 'Leave out the part after “#”: it is never sent.'
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(host)))
    return 'A webhook is at an https address; http is only for this machine.'
  if (isPrivateAllowed) return undefined
  if (isLoopback(host) || (isIP(host) > 0 && !isPublicAddress(host)))
    return 'A webhook is at no private address, unless the operator sets WEBHOOKS_PRIVATE=on.'
  return undefined
}
