import { expect, test } from 'vitest'
import { addressKey } from '../../../server/accounts/address-key.ts'
import { trySignIn } from '../support/ask.ts'
import { startService } from '../support/start-service.ts'

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
  ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4::/64'],
  ['unknown', 'unknown'],
  ['2001:db8:::1', '2001:db8:::1'],
  ['', ''],
])('A3.8 %j counts as %j', (address, key) => {
  expect(addressKey(address)).toBe(key)
})

test('A3.8 guesses from anywhere in a /64 slow each other down, and nobody in the next one', async () => {
  const server = await startService({ env: { TRUST_PROXY: '1' } })
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
