import { expect, test } from 'vitest'
import { type Look, motionBetween, qualityBetween, readLook } from '../../../web/room/quality.ts'

const look = (more: Partial<Look> = {}): Look => ({
  ...{ at: 1_000, packets: 0, lost: 0, samples: 0, concealed: 0, frames: 0, arrived: 0 },
  ...{ roundTrip: 20, lostThere: 0, relayed: false },
  ...more,
})

const after = (more: Partial<Look>) => look({ at: 3_000, packets: 200, samples: 96_000, frames: 60, ...more })

test.each([
  ['good', after({})],
  ['good', after({ lost: 4 })],
  ['fair', after({ lost: 10 })],
  ['poor', after({ lost: 40 })],
  ['fair', after({ concealed: 6_000 })],
  ['poor', after({ concealed: 20_000 })],
  ['fair', after({ roundTrip: 400 })],
  ['poor', after({ roundTrip: 900 })],
  ['good', after({ roundTrip: null })],
  // What is sent is of the connection as well.
  ['fair', after({ lostThere: 0.04 })],
  ['poor', after({ lostThere: 0.2 })],
  // Of what is just as much as that nobody is told.
  ['good', after({ packets: 196, lost: 4 })],
  ['good', after({ concealed: 3_840 })],
  ['good', after({ roundTrip: 300 })],
  ['fair', after({ packets: 184, lost: 16 })],
  ['fair', after({ concealed: 14_400 })],
  ['fair', after({ roundTrip: 600 })],
  // No share can be told of no sound.
  ['good', after({ samples: 0, concealed: 5 })],
  // Duplicates make some browsers count less than nothing.
  ['good', after({ lost: -3 })],
] as const)('RM13.3 a connection is called %s between two looks: %o', (quality, now) => {
  expect(qualityBetween(look(), now, true)).toBe(quality)
})

test('RM13.3 what counts is what came between the two looks', () => {
  const counted = { packets: 1_000, lost: 500, samples: 480_000, concealed: 100_000 }
  const more = { packets: 1_200, lost: 500, samples: 576_000, concealed: 100_000 }
  expect(qualityBetween(look(counted), after(more), true)).toBe('good')
  expect(qualityBetween(look(counted), after({ ...more, lost: 510 }), true)).toBe('fair')
  expect(qualityBetween(look(counted), after({ ...more, lost: 520 }), true)).toBe('poor')
  expect(qualityBetween(look(counted), after({ ...more, concealed: 106_000 }), true)).toBe('fair')
  expect(qualityBetween(look(counted), after({ ...more, concealed: 120_000 }), true)).toBe('poor')
})

test('RM13.3 of a browser whose transport names no pair it is the one that is marked, or that is nominated and works', () => {
  const pair = (more: object) => ({ type: 'candidate-pair', ...more })
  const others = [
    pair({ currentRoundTripTime: 1, state: 'succeeded', nominated: false }),
    pair({ currentRoundTripTime: 2, state: 'in-progress', nominated: true }),
    pair({ currentRoundTripTime: 3, state: 'failed', selected: false }),
    { type: 'codec', currentRoundTripTime: 4, selected: true, nominated: true, state: 'succeeded' },
  ]
  const read = (own: object) =>
    readLook([...others, own].map((stats, n) => [`${n}`, { timestamp: 7_000, ...stats }] as const)).roundTrip
  expect(read(pair({ currentRoundTripTime: 0.05, selected: true, nominated: false, state: 'waiting' }))).toBe(
    50,
  )
  expect(read(pair({ currentRoundTripTime: 0.06, nominated: true, state: 'succeeded' }))).toBe(60)
  expect(read(pair({ currentRoundTripTime: 0.07, nominated: true, state: 'frozen' }))).toBeNull()
})

test('RM13.3 nothing is said before two looks, and nothing arrives only where something has to', () => {
  expect(qualityBetween(null, after({}), true)).toBe('unknown')
  expect(qualityBetween(after({}), after({}), true)).toBe('unknown')
  expect(qualityBetween(look(), look({ at: 3_000 }), true)).toBe('nothing')
  expect(qualityBetween(look(), look({ at: 3_000, roundTrip: null }), false)).toBe('unknown')
})

test('RM13.3 of a line on which nothing is said its time there and back tells how good it is', () => {
  expect(qualityBetween(look(), look({ at: 3_000 }), false)).toBe('good')
  expect(qualityBetween(look(), look({ at: 3_000, roundTrip: 700 }), false)).toBe('poor')
  expect(qualityBetween(look(), look({ at: 3_000, lostThere: 0.05 }), false)).toBe('fair')
})

const inbound = {
  type: 'inbound-rtp',
  timestamp: 7_000,
  ...{ packetsReceived: 50, packetsLost: 1 },
}

test('RM13.3 the statistics of Chromium are read: of all that comes in, and of the pair that the transport names', () => {
  const report = new Map<string, Readonly<Record<string, unknown>>>([
    [
      'A',
      {
        ...inbound,
        kind: 'audio',
        ...{ totalSamplesReceived: 48_000, concealedSamples: 900, silentConcealedSamples: 400 },
      },
    ],
    ['V', { ...inbound, kind: 'video', framesDecoded: 30 }],
    [
      'RA',
      {
        ...{ type: 'remote-inbound-rtp', timestamp: 2_000, fractionLost: 0.25, roundTripTime: 0.09 },
        ...{ packetsReceived: 900, packetsLost: 80 },
      },
    ],
    ['RO', { type: 'remote-outbound-rtp', timestamp: 6_900, fractionLost: 0.9, roundTripTime: 4 }],
    ['RV', { type: 'remote-inbound-rtp', timestamp: 6_800, fractionLost: 0.1, roundTripTime: 0.09 }],
    ['T', { type: 'transport', selectedCandidatePairId: 'P2', timestamp: 6_900 }],
    ['P1', { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 9 }],
    [
      'P2',
      {
        ...{ type: 'candidate-pair', currentRoundTripTime: 0.04, responsesReceived: 7 },
        ...{ localCandidateId: 'L', remoteCandidateId: 'R' },
      },
    ],
    ['L', { type: 'local-candidate', candidateType: 'relay' }],
    ['R', { type: 'remote-candidate', candidateType: 'host' }],
  ])
  expect(readLook(report)).toEqual({
    ...{ at: 7_000, packets: 100, lost: 2, samples: 48_000, concealed: 500, frames: 30, arrived: 107 },
    ...{ roundTrip: 40, lostThere: 0.25, relayed: true },
  })
})

test('RM13.3 the statistics of Firefox are read, where the pair says of itself that it is the one', () => {
  const report = new Map<string, Readonly<Record<string, unknown>>>([
    ['A', { ...inbound, kind: 'audio' }],
    ['P1', { type: 'candidate-pair', selected: false, nominated: false, state: 'failed' }],
    [
      'P2',
      { type: 'candidate-pair', selected: true, nominated: true, state: 'succeeded', localCandidateId: 'L' },
    ],
    ['L', { type: 'local-candidate', candidateType: 'host' }],
  ])
  expect(readLook(report)).toMatchObject({ packets: 50, roundTrip: null, lostThere: 0, relayed: false })
  // It tells the time there and back of what is sent alone.
  const sends = new Map([
    ...report,
    ['R', { type: 'remote-inbound-rtp', timestamp: 6_000, roundTripTime: 0.03 }] as const,
  ])
  expect(readLook(sends).roundTrip).toBe(30)
})

test('RM13.3 what the other one’s browser told is of no account once it is old', () => {
  const tells = (timestamp: number) => {
    const told = { type: 'remote-inbound-rtp', timestamp, fractionLost: 0.5, roundTripTime: 0.9 }
    const { lostThere, roundTrip } = readLook([
      ['A', { ...inbound, timestamp: 20_000 }],
      ['R', told],
    ])
    return [lostThere, roundTrip]
  }
  expect(tells(8_000)).toEqual([0.5, 900])
  expect(tells(7_999)).toEqual([0, null])
})

test('RM13.4 pictures that have to come and do not stand still; fewer are of a line that began anew', () => {
  expect(motionBetween(null, after({}), true)).toBe('unknown')
  expect(motionBetween(after({}), after({}), true)).toBe('unknown')
  expect(motionBetween(look(), after({}), true)).toBe('moving')
  expect(motionBetween(look({ frames: 300 }), after({}), false)).toBe('moving')
  expect(motionBetween(look({ frames: 60 }), after({}), true)).toBe('still')
  expect(motionBetween(look({ frames: 60 }), after({}), false)).toBe('unknown')
})
