import type {
  ContactView,
  MessageView,
  PastCallView,
  PeopleState,
  PlacedCallView,
  PresenceView,
} from '../../../messages/people.ts'
import type { State } from '../../../messages/state.ts'

/** People who do not exist, for tests and pictures: the same at each time that one asks. */

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const given = [
  'Ada',
  'Ben',
  'Carla',
  'Deniz',
  'Elif',
  'Farid',
  'Grace',
  'Hugo',
  'Inès',
  'Jonas',
  'Kira',
  'Liang',
]
const family = [
  'Adler',
  'Bruni',
  'Costa',
  'Demir',
  'Evans',
  'Fuchs',
  'García',
  'Haas',
  'Ito',
  'Jansen',
  'Kovač',
  'Løvås',
]

export const contact = (id: string, name: string, more: Partial<ContactView> = {}): ContactView => ({
  id,
  relation: 'contact',
  name,
  username: null,
  team: null,
  favourite: false,
  ringsThrough: false,
  presence: { kind: 'offline', since: 0 },
  unread: 0,
  awaited: false,
  since: 0,
  ...more,
})

/** A dozen, of whom something of each kind is known. */
export const someContacts = (now: number): readonly ContactView[] => [
  contact('ben', 'Ben Sample', {
    favourite: true,
    username: 'ben',
    unread: 2,
    presence: { kind: 'available', since: now - 20 * minute },
  }),
  contact('nurse', 'Dr. Carla Bruni-Featherstonehaugh', {
    favourite: true,
    presence: { kind: 'busy', until: now + 75 * minute, since: now - hour },
  }),
  contact('deniz', 'Deniz Demir', { presence: { kind: 'available', since: now - hour } }),
  contact('elif', 'Elif Evans', { presence: { kind: 'away', since: now - 34 * minute } }),
  contact('farid', 'فريد الأحمد', { presence: { kind: 'in-call', since: now - 4 * minute } }),
  contact('grace', 'Grace García', { presence: { kind: 'checking', lastKnownAt: now - 20_000 } }),
  contact('hugo', 'Hugo Haas', { presence: { kind: 'offline', since: now - 3 * hour }, awaited: true }),
  contact('ines', 'Inès Ito', { presence: { kind: 'unknown' } }),
  contact('jonas', 'jonas@clinic.example', { relation: 'asked', since: now - 2 * hour }),
  contact('kira', 'Kira Kovač', { presence: { kind: 'offline', since: now - 3 * day }, unread: 120 }),
  contact('liang', 'Liang Løvås', { team: 'Ward 3', presence: { kind: 'available', since: now - day } }),
  contact('zoe', 'Zoë Zimmermann', { relation: 'blocked', since: now - 12 * day }),
]

const presences = (now: number): readonly PresenceView[] => [
  { kind: 'available', since: now - hour },
  { kind: 'away', since: now - hour },
  { kind: 'offline', since: now - day },
  { kind: 'offline', since: now - day },
]

/** As many as a person may have. */
export const manyContacts = (count: number, now: number): readonly ContactView[] =>
  Array.from({ length: count }, (_, index) =>
    contact(`c${index}`, `${given[index % given.length]} ${family[(index * 7) % family.length]} ${index}`, {
      favourite: index % 500 === 3,
      presence: presences(now)[index % 4] ?? { kind: 'unknown' },
    }),
  )

export const message = (n: number, more: Partial<MessageView> = {}): MessageView => ({
  n,
  key: `m${n}`,
  from: 'them',
  text: `Message ${n}`,
  at: 0,
  delivery: 'sent',
  ...more,
})

/** A day of two people, with all that a thread may have in it. */
export const someMessages = (now: number): readonly MessageView[] => {
  const at = (ago: number) => now - ago
  return [
    message(1, { text: 'Are you on the ward tomorrow?', at: at(day + 3 * hour) }),
    message(2, { from: 'me', text: 'From 8. Shall I look in on bed 12?', at: at(day + 3 * hour - minute) }),
    message(3, {
      text: 'Please. The notes are at https://notes.clinic.example/12?tab=labs.',
      at: at(day + 2 * hour),
    }),
    message(4, {
      text: 'And one more thing:\nher daughter will call around noon.',
      at: at(day + 2 * hour - minute),
    }),
    message(5, { from: 'me', text: '👍', at: at(day + hour) }),
    message(6, { from: 'clinic', text: 'Ward 3 moves to the second floor on Monday.', at: at(5 * hour) }),
    message(7, { from: 'me', text: 'Bed 12 is doing well, she slept through.', at: at(3 * hour) }),
    message(8, { text: 'شكرا جزيلا! See you at 14:00.', at: at(40 * minute) }),
    message(9, { text: 'Can you call me when you have a minute?', at: at(38 * minute) }),
    message(10, {
      n: null,
      key: 'r',
      from: 'me',
      text: 'Yes, right after the round',
      at: at(2 * minute),
      delivery: { refused: 'Ben Sample is no contact of yours any more.' },
    }),
    message(11, {
      n: null,
      key: 'w',
      from: 'me',
      text: 'Calling you in five minutes.',
      at: at(minute),
      delivery: 'waiting',
    }),
  ]
}

/** A long one: several messages a day, of several lengths. */
export const manyMessages = (count: number, now: number): readonly MessageView[] =>
  Array.from({ length: count }, (_, index) =>
    message(index + 1, {
      from: index % 3 === 0 ? 'me' : 'them',
      text: `${index + 1}: ${'word '.repeat((index * 7) % 40)}`.trim(),
      at: now - (count - index) * 11 * minute,
    }),
  )

export const someCalls = (now: number): readonly PastCallView[] => {
  const past = (id: string, ago: number, more: Partial<PastCallView>): PastCallView => ({
    id,
    direction: 'in',
    contact: 'ben',
    name: 'Ben Sample',
    at: now - ago,
    how: 'answered',
    why: null,
    here: true,
    blocked: false,
    ...more,
  })
  return [
    past('p1', 25 * minute, { how: 'missed', why: 'no-answer', here: null }),
    past('p2', 50 * minute, { direction: 'out', here: null }),
    past('p3', 2 * hour, { contact: 'deniz', name: 'Deniz Demir', here: false }),
    past('p4', 5 * hour, {
      contact: null,
      name: 'Reception',
      how: 'cancelled',
      why: 'cancelled',
      here: null,
    }),
    past('p5', day, {
      contact: 'elif',
      name: 'Elif Evans',
      direction: 'out',
      how: 'missed',
      why: 'busy',
      here: null,
    }),
    past('p6', day + hour, { contact: 'farid', name: 'فريد الأحمد', how: 'declined' }),
    past('pb', 2 * day, {
      contact: 'zoe',
      name: 'Zoë Zimmermann',
      how: 'missed',
      why: 'unreachable',
      here: null,
      blocked: true,
    }),
    past('p7', 3 * day, {
      contact: 'hugo',
      name: 'Hugo Haas',
      direction: 'out',
      how: 'missed',
      why: 'unreachable',
      here: null,
    }),
    past('p8', 4 * day, { direction: 'out', how: 'cancelled', why: 'cancelled', here: null }),
  ]
}

export const placedCall = (
  phase: PlacedCallView['phase'],
  more: Partial<PlacedCallView> = {},
): PlacedCallView => ({ id: 'o1', key: 'k1', contact: 'ben', name: 'Ben Sample', at: 0, phase, ...more })

export const quietPeople: PeopleState = {
  status: { chosen: 'available', until: null, confirmed: true },
  seenAs: 'available',
  asking: [],
  unread: 0,
  callsVersion: 0,
  placed: [],
  expected: [],
}

/** Somebody who is signed in and reachable, at a server that knows of people. */
export const withPeople = (
  people: Partial<PeopleState> = {},
  more: Partial<State> = {},
  now = Date.now(),
): State => ({
  server: 'https://reachable.example',
  session: {
    kind: 'signed-in',
    account: { name: 'Ann Example', username: 'ann', email: 'ann@clinic.example', picture: null },
  },
  offers: { issuer: null, forgot: false, signUp: false },
  reachability: { kind: 'reachable', confirmedAt: now },
  calls: [],
  furtherCalls: 0,
  missed: [],
  seen: null,
  gaps: [],
  readiness: { blocked: false, last: { at: now - day, seen: true, heard: true }, updated: false },
  settings: {
    ...{ namesInNotifications: false, tellOfOutages: true },
    ...{ ringTone: 'ring', ringVolume: 100, ringTimes: 0 },
  },
  ...more,
  people: { ...quietPeople, ...people },
})
