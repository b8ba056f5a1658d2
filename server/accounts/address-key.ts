import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** No way to write an address is longer, with brackets, zone and port. */
const longestWritten = 100

/**
 * Reads an address as a socket or a proxy writes it. Zone, port and the way of writing make no difference, and an IPv4
 * address that is written as IPv6 is one.
 *
 * @returns undefined for what is no address.
 */
export function parseAddress(written: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (written.length > longestWritten) return undefined
  const bare = bareAddress(written)
  if (isIPv4(bare)) return ipaddr.IPv4.parse(bare)
  if (!isIPv6(bare)) return undefined
  // The library takes `::192.0.2.1` alone, of all ways to write that address, for an IPv4 address.
  const parsed = ipaddr.IPv6.parse(bare.replace(/^::(?=\d+\.)/, '0::'))
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed
}

/**
 * What an address is counted by. A customer of an IPv6 network has a whole /64 to choose addresses from, so
 * all of that counts as one; an IPv4 address counts as itself. What is no address counts as it is.
 *
 * @returns `192.0.2.1`, or `2001:db8:0:1::/64`.
 */
export const addressKey = (address: string): string => networksOf(address)[2]

/**
 * The networks that an address is in, of three sizes: about what a provider, a site and a customer of theirs has.
 *
 * @returns of IPv6 /32, /48 and /64, of IPv4 /16, /24 and the address. The last is what it is counted by.
 */
export function networksOf(address: string): readonly [wide: string, site: string, own: string] {
  const parsed = parseAddress(address)
  if (!parsed) {
    const bare = bareAddress(address)
    return [bare, bare, bare]
  }
  if (parsed instanceof ipaddr.IPv4) {
    const [a, b, c] = parsed.octets
    return [`${a}.${b}.0.0/16`, `${a}.${b}.${c}.0/24`, parsed.toString()]
  }
  const network = (groups: number) => {
    const parts = parsed.parts.slice(0, groups).map((group) => group.toString(16))
    return `${parts.join(':')}::/${groups * 16}`
  }
  return [network(2), network(3), network(4)]
}

/**
 * The networks of which one customer has one: a /64 or a /56 at home, and a /48 as a company or by a tunnel.
 *
 * @returns of IPv6 /64, /56 and /48, of IPv4 thrice the address.
 */
export function customerNetworks(address: string): readonly [own: string, home: string, site: string] {
  const parsed = parseAddress(address)
  const [, site, own] = networksOf(address)
  if (!(parsed instanceof ipaddr.IPv6)) return [own, own, own]
  const [a = 0, b = 0, c = 0, d = 0] = parsed.parts
  const home = [a, b, c, d & 0xff00].map((group) => group.toString(16))
  return [own, `${home.join(':')}::/56`, site]
}

const bareAddress = (written: string) => withoutPort(written.trim()).replace(/%.*$/, '')

function withoutPort(address: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(address)?.[1]
  if (bracketed !== undefined) return bracketed
  const [host = '', port] = address.split(':')
  return port !== undefined && isIPv4(host) ? host : address
}
