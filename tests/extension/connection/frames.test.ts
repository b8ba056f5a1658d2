import { expect, test } from 'vitest'
import { maxServerFrame, parseServerMessage } from '../../../protocol/connection.ts'
import { welcomeTo } from '../../support/welcome.ts'

test('L2.9 however many missed calls a welcome tells of, the device can read it', () => {
  const missed = Array.from({ length: 200 }, (_, i) => ({
    id: `${i}`.padStart(64, '0'),
    // Each of these takes six characters in JSON, the most that one can take.
    from: '\u0001'.repeat(100),
    at: 1_800_000_000_000,
    why: 'server-restarted',
  }))
  const account = {
    id: 'a',
    username: 'ann',
    email: 'ann@a.example',
    name: 'Ann',
    picture: null,
    language: null,
  }
  const frame = JSON.stringify(welcomeTo(account, { missed }))
  expect(frame.length).toBeLessThan(maxServerFrame)
  expect(parseServerMessage(frame).kind).toBe('message')
})

test('L2.9 a frame of the server that is longer than any it sends is not read', () => {
  expect(parseServerMessage(' '.repeat(maxServerFrame + 1)).kind).toBe('malformed')
})

test('L2.9 a ring that lasts longer than ten minutes, which no timer need wait for, is not read', () => {
  const ring = (ringsFor: number) =>
    parseServerMessage(JSON.stringify({ type: 'ring', call: { id: 'a', from: 'Clinic', at: 1, ringsFor } }))
      .kind
  expect(ring(600_000)).toBe('message')
  expect(ring(600_001)).toBe('malformed')
})

test.each([
  ['storage', 'storage'],
  ['routing', 'routing'],
  ['a reason of a newer server', 'unknown'],
])('L1.9 no lease for the reason %s is read as one for %s', (why, read) => {
  expect(parseServerMessage(JSON.stringify({ type: 'no-lease', n: 1, why }))).toEqual({
    kind: 'message',
    message: { type: 'no-lease', n: 1, why: read },
  })
})
