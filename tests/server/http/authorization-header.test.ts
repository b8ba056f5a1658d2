import { expect, test } from 'vitest'
import { bearerToken, parseAuthorization } from '../../../server/http/authorization-header.ts'

test('C5.1 K1.6 the header Authorization shows one token, by a scheme that we know, and nothing else', () => {
  expect(parseAuthorization('DPoP abc')).toEqual({ scheme: 'dpop', token: 'abc' })
  expect(parseAuthorization('dpop  a.b-c')).toEqual({ scheme: 'dpop', token: 'a.b-c' })
  expect(parseAuthorization('bearer abc')).toEqual({ scheme: 'bearer', token: 'abc' })
  expect(parseAuthorization(`Bearer ${'x'.repeat(512)}`)?.token).toHaveLength(512)
  const none = [
    '',
    'abc',
    'Bearer',
    'Bearer ',
    'Basic abc',
    'Bearer a b',
    ' Bearer a',
    `Bearer ${'x'.repeat(513)}`,
  ]
  for (const header of [undefined, ...none]) expect(parseAuthorization(header), header).toBeUndefined()
})

test('C5.1 N6.1 a program’s key is a bearer token: as a proven one it is none', () => {
  expect(bearerToken('Bearer reachable_key')).toBe('reachable_key')
  expect(bearerToken('DPoP reachable_key')).toBeUndefined()
  expect(bearerToken(undefined)).toBeUndefined()
})
