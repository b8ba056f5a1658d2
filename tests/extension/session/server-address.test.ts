import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostWording } from '../../../components/host-wording.ts'
import { readServerAddress } from '../../../entrypoints/background/session/server-address.ts'

test('A7.1 what a person types as a server address is read forgivingly, and kept as an origin', () => {
  for (const typed of [
    'https://reachable.example',
    ' https://reachable.example/ ',
    'https://reachable.example/some/path?x#y',
    'HTTPS://REACHABLE.example\n',
    'reachable.example',
    ' Reachable.Example// ',
    'reachable.example/account?x#y',
    'reachable.example:443',
    '//reachable.example',
    'https:reachable.example',
    'https:/reachable.example',
  ])
    expect(readServerAddress(typed), typed).toEqual({ origin: 'https://reachable.example' })
  expect(readServerAddress('reachable.example:8443')).toEqual({ origin: 'https://reachable.example:8443' })
  expect(readServerAddress('10.0.0.7:8787')).toEqual({ origin: 'https://10.0.0.7:8787' })
  for (const [typed, origin] of [
    ['http://127.0.0.1:8787', 'http://127.0.0.1:8787'],
    ['http://localhost:1', 'http://localhost:1'],
    // The manifest can name no address of IPv6.
    ['http://[::1]:1', 'http://localhost:1'],
    ['localhost:8787', 'http://localhost:8787'],
    ['LOCALHOST', 'http://localhost'],
    ['localhost:443', 'http://localhost:443'],
    ['127.0.0.1:8787/', 'http://127.0.0.1:8787'],
    ['[::1]:8787', 'http://localhost:8787'],
    ['https://localhost:8443', 'https://localhost:8443'],
  ] as const)
    expect(readServerAddress(typed), typed).toEqual({ origin })
})

test('A7.1 what cannot be an address is refused with the reason', () => {
  const refused = {
    '': 'empty',
    '   ': 'empty',
    'ftp://reachable.example': 'not-an-address',
    'https://': 'not-an-address',
    'https://ann:secret@reachable.example': 'not-an-address',
    'ann@clinic.example': 'not-an-address',
    'reachable example': 'not-an-address',
    'mailto:ann@clinic.example': 'not-an-address',
    'javascript://%0aalert(1)': 'not-an-address',
    'javascript:alert(1)': 'not-an-address',
    'http://reachable.example': 'not-secure',
    'http:reachable.example': 'not-secure',
    'http://127.0.0.1.evil.example': 'not-secure',
  }
  for (const [typed, why] of Object.entries(refused)) expect(readServerAddress(typed), typed).toEqual({ why })
})

const space = fc.stringMatching(/^[ \t\n\u00a0]{0,2}$/)
const host = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV4Extended(),
  fc.ipV6().map((address) => `[${address}]`),
  fc.constantFrom(
    'localhost',
    '127.0.0.1',
    '127.1',
    '[::1]',
    'LocalHost',
    '0x7f.1',
    '127.0.0.1.',
    'localhost.',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)
const port = fc.oneof(
  fc.constantFrom('', ':', ':80', ':443', ':8787'),
  fc.nat(99_999).map((n) => `:${n}`),
)
const scheme = fc.constantFrom(
  '',
  '',
  'https://',
  'http://',
  'HTTP://',
  'http:',
  'https:/',
  '//',
  '\\\\',
  'ws://',
  'x:',
)
const path = fc.oneof(
  fc.constantFrom('', '/', '//', '/a?b#c', '@evil.example', '\\'),
  fc.string({ maxLength: 6 }),
)
const typedAddress = fc.oneof(
  fc.tuple(space, scheme, host, port, path, space).map((parts) => parts.join('')),
  fc.webUrl(),
  fc.string({ unit: 'grapheme' }),
)

const onThisMachine = /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?$/

test('A7.1 of whatever is typed nothing is sent in clear over a network, and what is shown is what is used', () => {
  fc.assert(
    fc.property(typedAddress, (typed) => {
      const read = readServerAddress(typed)
      if ('why' in read) return
      const { origin } = read
      expect(new URL(origin).origin).toBe(origin)
      if (!origin.startsWith('https://')) expect(origin).toMatch(onThisMachine)
      for (const again of [origin, ` ${origin}/ `, hostWording(origin)])
        expect(readServerAddress(again), again).toEqual(read)
    }),
    // A million of them held once.
    { numRuns: 5_000 },
  )
})
