import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clientOf } from '../../../server/http/client-address.ts'

const asked = (
  headers: Readonly<Record<string, string>>,
  remoteAddress: string | undefined = '192.0.2.9',
): IncomingMessage => ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage

const behindProxy = clientOf(true)
const addressBy = (forwarded: string) => behindProxy(asked({ 'x-forwarded-for': forwarded })).address

test.each([
  ['10.0.0.7', '10.0.0.7'],
  ['1.2.3.4, 10.0.0.7', '10.0.0.7'],
  ['10.0.0.7:5678', '10.0.0.7'],
  ['2001:DB8:0:0:0::0007', '2001:db8::7'],
  ['[2001:db8::7]:443', '2001:db8::7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:10.0.0.7', '10.0.0.7'],
  // What is none leaves the address of whoever is connected, which is the proxy's.
  ['', '192.0.2.9'],
  ['10.0.0.7,', '192.0.2.9'],
  ['unknown', '192.0.2.9'],
  ['10.0.0.7 from 1.2.3.4', '192.0.2.9'],
  ['010.0.0.7', '192.0.2.9'],
  ['0x7f.1', '192.0.2.9'],
  ['2130706433', '192.0.2.9'],
  ['10.0.0.7\u0000', '192.0.2.9'],
  [`${'9'.repeat(8_000)}`, '192.0.2.9'],
  [`[${':'.repeat(8_000)}]:443`, '192.0.2.9'],
])('Y3.1 a proxy that names %.40j is taken to mean %s', (forwarded, address) => {
  expect(addressBy(forwarded)).toBe(address)
})

test('Y3.1 without a trusted proxy nobody is believed, and a connection without an address is unknown', () => {
  const direct = clientOf(false)
  expect(direct(asked({ 'x-forwarded-for': '10.0.0.7' }, '::ffff:192.0.2.9')).address).toBe('192.0.2.9')
  expect(direct({ headers: {}, socket: {} } as unknown as IncomingMessage).address).toBe('unknown')
  expect(behindProxy(asked({ 'x-forwarded-for': 'x' }, 'fe80::9%eth0')).address).toBe('fe80::9')
})

/** Texts that mean to be something else, and any others. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .array(fc.constantFrom('1', '.', ':', '::', '[', ']', '%', ',', ' ', 'f', '255', 'ffff', '\n', '"'), {
      maxLength: 40,
    })
    .map((parts) => parts.join('')),
)

test('Y3.1 whatever is sent, an address is an address of at most 45 characters', () => {
  fc.assert(
    fc.property(hostile, (forwarded) => {
      const address = addressBy(forwarded)
      expect(isIP(address)).not.toBe(0)
      expect(address.length).toBeLessThanOrEqual(45)
      // What was read is read again as itself.
      expect(addressBy(address)).toBe(address)
    }),
    { numRuns: 2_000 },
  )
})

test('Y3.2 whatever a browser calls itself, 200 characters of it are kept, whole ones that can be seen', () => {
  const labelBy = (agent: string) => behindProxy(asked({ 'user-agent': agent })).label
  expect(labelBy('Firefox\u0000\u001b[2J\u009b31m \u202eon\u2028 Linux\ud800 ')).toBe(
    'Firefox[2J31m on Linux',
  )
  expect(labelBy('🦊'.repeat(8_000))).toBe('🦊'.repeat(200))
  expect(behindProxy(asked({})).label).toBe('')
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (agent) => {
      const label = labelBy(agent)
      expect([...label].length).toBeLessThanOrEqual(200)
      expect(label).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
      expect(label.isWellFormed()).toBe(true)
      expect(labelBy(label)).toBe(label)
    }),
    { numRuns: 2_000 },
  )
})
