import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * What an address is counted by. A customer of an IPv6 network has a whole /64 to choose addresses from, so
 * all of that counts as one; an IPv4 address counts as itself, also where it is written as IPv6. Zone, port
 * and the way of writing make no difference. What is no address counts as it is.
 *
 * @returns `192.0.2.1`, or `2001:db8:0:1::/64`.
 */
export function addressKey(address: string): string {
  const bare = withoutPort(address.trim()).replace(/%.*$/, '')
  if (!isIPv6(bare)) return bare
  // The library takes `::192.0.2.1` alone, of all ways to write that address, for an IPv4 address.
  const parsed = ipaddr.IPv6.parse(bare.replace(/^::(?=\d+\.)/, '0::'))
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString()
  const network = parsed.parts.slice(0, 4).map((group) => group.toString(16))
  return `${network.join(':')}::/64`
}

function withoutPort(address: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(address)?.[1]
  if (bracketed !== undefined) return bracketed
  const [host = '', port] = address.split(':')
  return port !== undefined && isIPv4(host) ? host : address
}
