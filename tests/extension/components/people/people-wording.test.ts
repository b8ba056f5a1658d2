import { beforeEach, expect, test, vi } from 'vitest'
import { nextTime } from '../../../../components/people/BusyUntilTime.tsx'
import { pastCallWording, wasMissed } from '../../../../components/people/past-call-wording.ts'
import { placedTitle, placedWording } from '../../../../components/people/placed-call-wording.ts'
import {
  contactWording,
  presenceNow,
  presenceWording,
} from '../../../../components/people/presence-wording.ts'
import { untilWording } from '../../../../components/time-wording.ts'
import type { PastCallView, PlacedCallPhase, PresenceView } from '../../../../messages/people.ts'
import { contact, placedCall } from '../../../support/people-demo/demo-people.ts'

const at = (hours: number, minutes: number, day = 26) => new Date(2026, 10, day, hours, minutes).getTime()
const now = at(12, 0)

// Whoever looks has a clock of 24 hours.
beforeEach(() => {
  vi.spyOn(navigator, 'language', 'get').mockReturnValue('en-GB')
  vi.spyOn(navigator, 'languages', 'get').mockReturnValue(['en-GB'])
})

test.each<[PresenceView, string]>([
  [{ kind: 'available', since: at(9, 0) }, 'Can be reached'],
  [{ kind: 'away', since: at(10, 2) }, 'Away since 10:02'],
  [{ kind: 'away', since: at(10, 2, 25) }, 'Away since yesterday 10:02'],
  [{ kind: 'in-call', since: at(11, 58) }, 'In a call since 11:58'],
  [{ kind: 'away', since: null }, 'Away'],
  [{ kind: 'in-call', since: null }, 'In a call'],
  [{ kind: 'busy', until: at(14, 0), since: 0 }, 'Busy until 14:00'],
  [{ kind: 'busy', until: at(8, 0, 27), since: 0 }, 'Busy until tomorrow 08:00'],
  [{ kind: 'busy', until: null, since: 0 }, 'Busy'],
  [{ kind: 'checking', lastKnownAt: at(11, 59) }, 'Was reachable, checking…'],
  [{ kind: 'offline', since: at(9, 0) }, 'Offline'],
  [{ kind: 'unknown' }, 'Not known now'],
])('PU2.3 %o is told as “%s”', (presence, words) => {
  expect(presenceWording(presence, now)).toBe(words)
})

test('PU2.3 a busy that has ended is no more shown, and what they are by now is being asked', () => {
  const busy = { kind: 'busy', until: at(11, 0), since: 0 } as const
  expect(presenceNow(busy, true, at(10, 59))).toBe(busy)
  expect(presenceNow(busy, true, at(11, 0)).kind).toBe('checking')
})

test('PU2.3 where nobody vouches for it nothing is known, whatever was told', () => {
  for (const kind of ['available', 'away', 'in-call', 'offline'] as const)
    expect(presenceNow({ kind, since: 0 }, false, now)).toEqual({ kind: 'unknown' })
})

test('PU2.3 of who has not answered it is said when they were asked, and nothing of where they are', () => {
  const asked = contact('1', 'x', {
    relation: 'asked',
    since: at(10, 2),
    presence: { kind: 'available', since: 0 },
  })
  expect(contactWording(asked, true, now)).toBe('Asked at 10:02, no answer yet')
  expect(contactWording({ ...asked, since: at(10, 2, 25) }, true, now)).toBe('Asked yesterday, no answer yet')
  expect(contactWording({ ...asked, relation: 'blocked', since: at(1, 1, 3) }, true, now)).toBe(
    'Blocked 3 Nov',
  )
})

const over = { kind: 'over', busyUntil: null, reply: null } as const

test.each<[PlacedCallPhase, string]>([
  [{ kind: 'placing' }, 'Calling…'],
  [{ kind: 'ringing', devices: 1 }, 'Ringing on 1 device'],
  [{ kind: 'ringing', devices: 2 }, 'Ringing on 2 devices'],
  [{ kind: 'waiting', until: now + 39_100, hasRung: false }, 'Not reachable now; trying for 40 s more'],
  [{ kind: 'waiting', until: now + 3_000, hasRung: true }, 'It no longer rings; trying for 3 s more'],
  [{ kind: 'waiting', until: now - 1, hasRung: true }, 'It no longer rings; trying for 0 s more'],
  [{ kind: 'unknown' }, 'How the call stands is not known now'],
  [{ kind: 'not-placed', message: 'Ask again.' }, 'Not called: Ask again.'],
  [{ ...over, how: 'answered' }, 'Answered. The room is open.'],
  [{ ...over, how: 'opening-room' }, 'Answered. The room is being opened…'],
  [{ ...over, how: 'room-not-opened' }, 'Answered, but the room was not opened here.'],
  [{ ...over, how: 'room-unknown' }, 'Answered. Whether the room was opened here is not known.'],
  [
    { ...over, how: 'answered-without-room' },
    'Answered, but the server named no room that can be opened. Ask whoever runs it.',
  ],
  [{ ...over, how: 'unknown' }, 'What came of the call is not known here.'],
  [{ ...over, how: 'answered-elsewhere' }, 'Answered. The room is open on another device of yours.'],
  [{ ...over, how: 'declined' }, 'Declined'],
  [{ ...over, how: 'declined', reply: 'Later' }, 'Declined, with an answer:'],
  [{ ...over, how: 'cancelled' }, 'You hung up'],
  [{ ...over, how: 'no-answer' }, 'No answer. Ben Sample finds your call among the missed ones.'],
  [
    { ...over, how: 'unreachable' },
    'Could not be reached. Ben Sample finds your call among the missed ones.',
  ],
  [{ ...over, how: 'busy', busyUntil: at(14, 0) }, 'Busy until 14:00: the call is kept'],
  [{ ...over, how: 'busy', busyUntil: at(11, 0) }, 'Busy: the call is kept'],
  [{ ...over, how: 'busy' }, 'Busy: the call is kept'],
  [{ ...over, how: 'server-restarted' }, 'The server stopped meanwhile. The call is kept.'],
])('PU5.1 PU5.2 a call that stands so (%o) is told as “%s”', (phase, words) => {
  expect(placedWording(placedCall(phase), now)).toBe(words)
})

test('PU5.1 the title says ringing of a call that rings, and of no other', () => {
  expect(placedTitle(placedCall({ kind: 'ringing', devices: 1 }))).toBe('Ringing: Ben Sample – Reachable')
  for (const phase of [
    { kind: 'placing' },
    { kind: 'waiting', until: now, hasRung: true },
    { kind: 'unknown' },
    { ...over, how: 'answered' },
  ] as const)
    expect(placedTitle(placedCall(phase))).not.toMatch(/ring/i)
  const rightToLeft = placedTitle(placedCall({ kind: 'placing' }, { name: 'فريد' }))
  expect(rightToLeft).toBe('\u200eCalling \u2068فريد\u2069 – Reachable')
})

const past = (more: Partial<PastCallView>): PastCallView => ({
  id: '1',
  direction: 'in',
  contact: null,
  name: 'Ben',
  at: 0,
  how: 'answered',
  why: null,
  here: null,
  blocked: false,
  ...more,
})

test.each<[Partial<PastCallView>, string, boolean]>([
  [{ how: 'answered', here: true }, 'answered', false],
  [{ how: 'answered', here: false }, 'answered on another device', false],
  [{ how: 'declined', here: true }, 'you declined', false],
  [{ how: 'declined', here: false }, 'declined on another device', false],
  [{ how: 'cancelled' }, 'hung up', true],
  [{ how: 'missed', why: 'no-answer' }, 'missed: no answer', true],
  [{ how: 'missed', why: 'unreachable' }, 'missed: you could not be reached', true],
  [{ how: 'missed' }, 'missed', true],
  [{ how: 'missed', why: 'unreachable', blocked: true }, 'did not ring', false],
  [{ direction: 'out', how: 'answered' }, 'answered', false],
  [{ direction: 'out', how: 'declined' }, 'declined', false],
  [{ direction: 'out', how: 'cancelled' }, 'you hung up', false],
  [{ direction: 'out', how: 'missed', why: 'busy' }, 'busy', false],
  [{ direction: 'out', how: 'missed', why: 'unreachable' }, 'could not be reached', false],
  [{ direction: 'out', how: 'missed' }, 'no answer', false],
])('PU4.1 a call of the list (%o) is told as “%s”', (more, words, missed) => {
  expect([pastCallWording(past(more)), wasMissed(past(more))]).toEqual([words, missed])
})

test('PU1.2 until when something goes on is said by its day, where that is another', () => {
  expect(untilWording(at(14, 0), now)).toBe('14:00')
  expect(untilWording(at(0, 0, 27), now)).toBe('tomorrow 00:00')
  expect(untilWording(at(9, 30, 29), now)).toBe('29 Nov 09:30')
})

test('PU1.2 a time of the clock is the next one that there is', () => {
  expect(nextTime('14:00', now)).toBe(at(14, 0))
  expect(nextTime('12:00', now)).toBe(at(12, 0, 27))
  expect(nextTime('08:30', now)).toBe(at(8, 30, 27))
  for (const none of ['', '24:00', '8:30', 'x']) expect(nextTime(none, now)).toBeUndefined()
})
