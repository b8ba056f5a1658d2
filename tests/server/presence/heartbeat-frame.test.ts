import fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { deviceMessage, parseDeviceMessage } from '../../../protocol/connection.ts'

/** `RUNS=1000000` for the long run. */
const numRuns = Number(process.env.RUNS ?? 20_000)

function judged(frame: string): unknown {
  try {
    return v.safeParse(deviceMessage, JSON.parse(frame)).output
  } catch {
    return undefined
  }
}

const numbers = fc.oneof(
  fc.maxSafeNat().map(String),
  fc.nat(20).map((digits) => `1${'0'.repeat(digits)}`),
  fc.constantFrom(
    '-0',
    '00',
    '01',
    '+1',
    '1.0',
    '1e3',
    '9007199254740991',
    '9007199254740992',
    '',
    'null',
    '"1"',
  ),
  fc.stringMatching(/^[-+0-9.eE]{0,18}$/),
)
const shapes = fc.constantFrom(
  (n: string) => `{"type":"heartbeat","n":${n}}`,
  (n: string) => `{"n":${n},"type":"heartbeat"}`,
  (n: string) => `{"type":"heartbeat","n":${n}} `,
  (n: string) => `{"type":"heartbeat","n":${n}}\n`,
  (n: string) => `{"type":"heartbeat","n":${n},"n":1}`,
  (n: string) => `{"type":"heartbeat", "n":${n}}`,
  (n: string) => `{"type":"heartbeat","n":${n}`,
)

test('L2.1 a heartbeat is read as its shape says, also by the short way for the usual ones', {
  timeout: 600_000,
}, () => {
  fc.assert(
    fc.property(shapes, numbers, (shape, n) => {
      const frame = shape(n)
      const parsed = parseDeviceMessage(frame)
      const expected = judged(frame)
      if (parsed.kind === 'message') expect(parsed.message).toEqual(expected)
      else expect(v.is(deviceMessage, expected)).toBe(false)
    }),
    { numRuns },
  )
})
