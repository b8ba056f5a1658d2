import { expect, test } from 'vitest'
import { readServerAddress } from '../../../entrypoints/background/session/server-address.ts'

test('A7.1 what a person types as a server address is read forgivingly, and kept as an origin', () => {
  for (const typed of [
    'https://reachable.example',
    ' https://reachable.example/ ',
    'https://reachable.example/some/path?x#y',
    'HTTPS://REACHABLE.example\n',
  ])
    expect(readServerAddress(typed), typed).toEqual({ origin: 'https://reachable.example' })
  expect(readServerAddress('http://127.0.0.1:8787')).toEqual({ origin: 'http://127.0.0.1:8787' })
  expect(readServerAddress('http://localhost:1')).toEqual({ origin: 'http://localhost:1' })
  expect(readServerAddress('http://[::1]:1')).toEqual({ origin: 'http://[::1]:1' })
})

test('A7.1 what cannot be an address is refused with the reason', () => {
  const refused = {
    '': 'empty',
    '   ': 'empty',
    'reachable.example': 'no-scheme',
    'localhost:8787': 'no-scheme',
    'ftp://reachable.example': 'not-an-address',
    'https://': 'not-an-address',
    'https://ann:secret@reachable.example': 'not-an-address',
    'javascript://%0aalert(1)': 'not-an-address',
    'http://reachable.example': 'not-secure',
    'http://127.0.0.1.evil.example': 'not-secure',
  }
  for (const [typed, why] of Object.entries(refused)) expect(readServerAddress(typed), typed).toEqual({ why })
})
