import fc from 'fast-check'
import { expect, test } from 'vitest'
import { statuses } from '../../../protocol/people.ts'
import { type SeenContact, seenAs } from '../../../server/people/seen-as.ts'

const now = 1_800_000_000_000
const available = { status: 'available', until: null } as const
const active = { left: 9_000.5, idle: false }
const idle = { left: 14_000, idle: true }

const see = (of: Partial<SeenContact>) => {
  const { contact, ...seen } = seenAs(
    {
      contact: 'c',
      status: available,
      leases: [active],
      inCallFor: null,
      isHidden: false,
      isAsked: true,
      ...of,
    },
    now,
  )
  expect(contact).toBe('c')
  return seen
}

const nothing = { sees: 'offline', until: null, validFor: null }

test.each<readonly [string, Partial<SeenContact>, object]>([
  ['without a lease', { leases: [] }, nothing],
  ['invisible', { status: { status: 'invisible', until: null }, inCallFor: 5_000 }, nothing],
  ['hidden from the watcher', { isHidden: true, inCallFor: 5_000 }, nothing],
  ['not asked yet', { leases: [], isAsked: false }, { ...nothing, sees: 'unknown' }],
  [
    'invisible and not asked',
    { status: { status: 'invisible', until: null }, isAsked: false },
    { ...nothing, sees: 'unknown' },
  ],
  ['hidden and not asked', { isHidden: true, isAsked: false }, { ...nothing, sees: 'unknown' }],
  ['at a device', {}, { sees: 'available', until: null, validFor: 9_000 }],
  [
    'at a device before all have been asked',
    { isAsked: false },
    { sees: 'available', until: null, validFor: 9_000 },
  ],
  ['at one of two devices', { leases: [idle, active] }, { sees: 'available', until: null, validFor: 9_000 }],
  [
    'at none',
    { leases: [idle, { left: 3_000, idle: true }] },
    { sees: 'away', until: null, validFor: 14_000 },
  ],
  ['in a call', { inCallFor: 4_000, leases: [idle] }, { sees: 'in-call', until: null, validFor: 4_000 }],
  [
    'away by choice, in a call',
    { status: { status: 'away', until: null }, inCallFor: 4_000 },
    { sees: 'away', until: null, validFor: 9_000 },
  ],
  [
    'busy',
    { status: { status: 'busy', until: now + 1 }, leases: [active, idle] },
    { sees: 'busy', until: now + 1, validFor: 14_000 },
  ],
  [
    'away by choice, until a moment',
    { status: { status: 'away', until: now + 1 } },
    { sees: 'away', until: null, validFor: 9_000 },
  ],
  [
    'past the end of busy',
    { status: { status: 'busy', until: now } },
    { sees: 'available', until: null, validFor: 9_000 },
  ],
  [
    'past the end of busy and idle',
    { status: { status: 'busy', until: now }, leases: [idle] },
    { sees: 'away', until: null, validFor: 14_000 },
  ],
])('PW1.1 somebody who is %s', (_, of, seen) => {
  expect(see(of)).toEqual(seen)
})

const lease = fc.record({ left: fc.double({ min: 1, max: 15_000, noNaN: true }), idle: fc.boolean() })

test('PW1.1 PW2.4 whatever else is so of them, who is invisible or hides is told as who holds no lease, and no colour goes without a lease', () => {
  const anybody = fc.record({
    status: fc.record({
      status: fc.constantFrom(...statuses),
      until: fc.option(fc.integer({ min: now - 1_000, max: now + 1_000 })),
    }),
    leases: fc.array(lease, { maxLength: 3 }),
    inCallFor: fc.option(fc.integer({ min: 1, max: 15_000 })),
    isHidden: fc.boolean(),
    isAsked: fc.boolean(),
  })
  fc.assert(
    fc.property(anybody, (of) => {
      const seen = see(of)
      const isThere = of.leases.length > 0 && !of.isHidden && of.status.status !== 'invisible'
      if (!isThere) expect(seen).toEqual({ ...nothing, sees: of.isAsked ? 'offline' : 'unknown' })
      else {
        expect(['available', 'away', 'busy', 'in-call']).toContain(seen.sees)
        expect(seen.validFor).toBeLessThanOrEqual(Math.max(...of.leases.map(({ left }) => left)))
        if (seen.sees === 'available') expect(of.leases.some(({ idle }) => !idle)).toBe(true)
      }
    }),
  )
})
