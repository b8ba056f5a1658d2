import { isIP } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressKey, customerNetworks } from '../../../server/accounts/address-key.ts'
import { trySignIn } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'

test.each([
  ['192.0.2.1', '192.0.2.1'],
  [' 192.0.2.1:5678 ', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:0201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002:ffff::', '2001:db8:1:2::/64'],
  ['2001:db8::5', '2001:db8:0:0::/64'],
  ['2001:db8:1::3:4:5:6', '2001:db8:1:0::/64'],
  ['[2001:db8::5]:443', '2001:db8:0:0::/64'],
  ['[2001:db8::5]', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ['::1:2:3:4:5:6:7', '0:1:2:3::/64'],
  ['::192.0.2.1', '0:0:0:0::/64'],
  ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4::/64'],
  ['unknown', 'unknown'],
  ['2001:db8:::1', '2001:db8:::1'],
  ['', ''],
])('A3.8 %j counts as %j', (address, key) => {
  expect(addressKey(address)).toBe(key)
})

test.each([
  ['2001:db8:1:2ff:3:4:5:6', ['2001:db8:1:2ff::/64', '2001:db8:1:200::/56', '2001:db8:1::/48']],
  ['2001:db8::5', ['2001:db8:0:0::/64', '2001:db8:0:0::/56', '2001:db8:0::/48']],
  ['::ffff:192.0.2.1', ['192.0.2.1', '192.0.2.1', '192.0.2.1']],
  ['unknown', ['unknown', 'unknown', 'unknown']],
])('PV5.1 %j may be of one customer by %j', (address, networks) => {
  expect(customerNetworks(address)).toEqual(networks)
})

const octet = fc.integer({ min: 0, max: 255 })
const group = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.integer({ min: 0, max: 0xffff }))
const mapped = fc.tuple(group, group).map((tail) => [0, 0, 0, 0, 0, 0xffff, ...tail])

/** How one address may be written in many ways. */
interface Spelling {
  /** To so many digits in each group. */
  readonly pad: number
  readonly capitals: boolean
  /** From this group on, where there are zeros. */
  readonly shorten: number
  /** The end as an IPv4 address. */
  readonly dotted: boolean
  readonly zone: string
  readonly around: readonly [string, string]
}

const spelling: fc.Arbitrary<Spelling> = fc.record({
  pad: fc.constantFrom(1, 2, 3, 4),
  capitals: fc.boolean(),
  shorten: fc.nat(7),
  dotted: fc.boolean(),
  zone: fc.constantFrom('', '%eth0', '%1'),
  around: fc.constantFrom<[string, string][]>(['', ''], [' ', ' '], ['[', ']'], ['[', ']:443']),
})

function spelled(groups: readonly number[], how: Spelling): string {
  const text = groups.map((value) => value.toString(16).padStart(how.pad, '0'))
  const [high = 0, low = 0] = groups.slice(6)
  if (how.dotted) text.splice(6, 2, [high >> 8, high & 255, low >> 8, low & 255].join('.'))
  let end = how.shorten
  while (end < text.length && Number(`0x${text[end]}`) === 0) end += 1
  const whole =
    end - how.shorten < 2
      ? text.join(':')
      : `${text.slice(0, how.shorten).join(':')}::${text.slice(end).join(':')}`
  return `${how.around[0]}${how.capitals ? whole.toUpperCase() : whole}${how.zone}${how.around[1]}`
}

test('A3.8 however an IPv6 address is written, it counts as its /64 or as the IPv4 address in it', () => {
  const groups = fc.oneof(fc.array(group, { minLength: 8, maxLength: 8 }), mapped)
  fc.assert(
    fc.property(groups, spelling, (address, how) => {
      const [high = 0, low = 0] = address.slice(6)
      const isMapped = address.slice(0, 5).every((value) => value === 0) && address[5] === 0xffff
      const network = address.slice(0, 4).map((value) => value.toString(16))
      expect(addressKey(spelled(address, how))).toBe(
        isMapped ? [high >> 8, high & 255, low >> 8, low & 255].join('.') : `${network.join(':')}::/64`,
      )
    }),
    { numRuns: 2_000 },
  )
})

test('A3.8 an IPv4 address counts as itself, with or without a port, and what is no address as it is', () => {
  fc.assert(
    fc.property(octet, octet, octet, octet, fc.constantFrom('', ':1', ':65535'), (a, b, c, d, port) => {
      expect(addressKey(`${a}.${b}.${c}.${d}${port}`)).toBe(`${a}.${b}.${c}.${d}`)
    }),
  )
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-fx.:]{0,40}$/), (text) => {
      fc.pre(isIP(text) === 0 && isIP(text.split(':')[0] ?? '') === 0)
      expect(addressKey(text)).toBe(text)
    }),
    { numRuns: 1_000 },
  )
})

test('A3.8 guesses from anywhere in a /64 slow each other down, and nobody in the next one', async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1' } })
  const from = (address: string, n: number) =>
    trySignIn(server, { login: `name-${n}`, password: 'Wrong-horse-7' }, { 'x-forwarded-for': address })
  const guesses = Array.from({ length: 20 }, (_, n) => from(`2001:db8:0:1:${n.toString(16)}::${n}`, n))
  const statuses = (await Promise.all(guesses)).map(({ status }) => status)
  expect(statuses).toEqual(Array(20).fill(401))
  for (const n of [21, 22, 23]) expect((await from(`2001:db8:0:1::${n}`, n)).status).toBe(429)
  expect((await from('2001:db8:0:2::1', 30)).status).toBe(401)
  const db = await server.db()
  const kept = await db.selectFrom('audit').select(['address', 'detail']).execute()
  expect(kept.filter(({ detail }) => detail?.includes('too-many-attempts'))).toHaveLength(1)
  expect(kept.map(({ address }) => address)).toContain('2001:db8:0:1:3::3')
})
