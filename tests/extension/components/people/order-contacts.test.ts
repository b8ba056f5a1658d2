import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  afterPosted,
  type ContactBook,
  emptyBook,
  inOrderOf,
  orderContacts,
  searchContacts,
} from '../../../../components/people/order-contacts.ts'
import type { ContactsPosted, ContactView, PresenceView } from '../../../../messages/people.ts'
import { contact, manyContacts } from '../../../support/people-demo/demo-people.ts'

const now = 1_000_000
const runs = Number(process.env.TRUTH_SCHEDULES ?? 1_000)

const names = (contacts: readonly ContactView[]) => contacts.map(({ name }) => name)

const book = (...contacts: readonly ContactView[]): ContactBook =>
  afterPosted(emptyBook, { whole: contacts, more: false })

const shown = ({ sorted, proven }: ContactBook) => names(orderContacts(sorted, proven, now).contacts)

const available = { presence: { kind: 'available', since: 0 } } as const

test('PU2.4 favourites come first, then those who can be reached, then the rest, each by their names', () => {
  const contacts = book(
    contact('1', 'zoe', available),
    contact('2', 'Émile'),
    contact('3', 'Ann', available),
    contact('4', 'Yan', { favourite: true }),
    contact('5', 'Ben 10'),
    contact('6', 'Ben 9'),
    contact('7', 'Xia', { favourite: true, ...available }),
    contact('8', 'Away', { presence: { kind: 'away', since: 0 } }),
    contact('9', 'Asked', { relation: 'asked', ...available }),
    contact('a', 'Blocked', { relation: 'blocked' }),
    contact('b', 'Asks', { relation: 'asks' }),
    contact('c', 'Removed', { relation: 'removed' }),
  )
  expect(shown(contacts)).toEqual([
    ...['Xia', 'Yan'],
    ...['Ann', 'Away', 'zoe'],
    ...['Asked', 'Ben 9', 'Ben 10', 'Émile'],
  ])
  expect(names(orderContacts(contacts.sorted, true, now).blocked)).toEqual(['Blocked'])
})

test('PU2.4 without a proof nobody is among those who can be reached, nor is who was busy until now', () => {
  const contacts = book(
    contact('1', 'Zoe', available),
    contact('2', 'Ann'),
    contact('3', 'Checked', { presence: { kind: 'checking', lastKnownAt: 0 } }),
  )
  expect(shown(contacts)).toEqual(['Zoe', 'Ann', 'Checked'])
  expect(shown(afterPosted(contacts, null))).toEqual(['Ann', 'Checked', 'Zoe'])
})

test('PU2.4 a list in several parts is there at once where there was none, and else in the place of the older once whole', () => {
  let told = afterPosted(emptyBook, { whole: [contact('1', 'Ann')], more: true })
  expect([shown(told), told.complete]).toEqual([['Ann'], false])
  told = afterPosted(told, { whole: [contact('2', 'Ben', available)], more: false })
  expect([shown(told), told.complete, told.proven]).toEqual([['Ben', 'Ann'], true, true])
  // The port breaks, and the next worker tells it anew.
  told = afterPosted(told, null)
  told = afterPosted(told, { whole: [contact('3', 'Carla')], more: true })
  expect([shown(told), told.proven]).toEqual([['Ann', 'Ben'], false])
  told = afterPosted(told, { changed: [contact('3', 'Cara')], gone: [] })
  told = afterPosted(told, { whole: [contact('4', 'Dan')], more: false })
  expect([shown(told), told.proven]).toEqual([['Cara', 'Dan'], true])
})

const presence: fc.Arbitrary<PresenceView> = fc.constantFrom<PresenceView>(
  { kind: 'available', since: 0 },
  { kind: 'away', since: 0 },
  { kind: 'offline', since: 0 },
  { kind: 'unknown' },
)
const someone = fc
  .record({
    id: fc.nat(12).map(String),
    name: fc.constantFrom('Ann', 'ann', 'Ben', 'Émile', '田中', 'فريد', ''),
    favourite: fc.boolean(),
    presence,
    relation: fc.constantFrom('contact' as const, 'asked' as const, 'blocked' as const),
  })
  .map(({ id, name, ...more }) => contact(id, name, more))
const posted = fc.oneof<fc.Arbitrary<ContactsPosted | null>[]>(
  fc.record({
    whole: fc.uniqueArray(someone, { selector: ({ id }) => id }),
    more: fc.constant(false),
  }),
  fc.record({
    changed: fc.uniqueArray(someone, { selector: ({ id }) => id }),
    gone: fc.uniqueArray(fc.nat(12).map(String)),
  }),
  fc.constant(null),
)

test('PU2.4 whatever a port tells, in whichever order, the book is what was told last of each, by names', () => {
  fc.assert(
    fc.property(fc.array(posted, { maxLength: 12 }), (all) => {
      let told = emptyBook
      let known = new Map<string, string>()
      for (const one of all) {
        told = afterPosted(told, one)
        if (one === null) continue
        if ('whole' in one) known = new Map(one.whole.map((each) => [each.id, each.name]))
        else {
          for (const id of one.gone) known.delete(id)
          for (const each of one.changed) if (!one.gone.includes(each.id)) known.set(each.id, each.name)
        }
      }
      const ids = told.sorted.map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
      expect(new Map(told.sorted.map(({ id, name }) => [id, name]))).toEqual(known)
      const anew = afterPosted(emptyBook, { whole: told.sorted.toReversed(), more: false })
      expect(anew.sorted).toEqual(told.sorted)
      const { contacts, blocked } = orderContacts(told.sorted, told.proven, now)
      expect([...contacts, ...blocked].map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
    }),
    { numRuns: runs },
  )
}, 600_000)

test('PU2.4 while the order is held who was there stays in it, who has gone leaves it, and who is new comes last', () => {
  const held = inOrderOf(['c', 'a', 'b'], [contact('b', 'B'), contact('d', 'D'), contact('c', 'C')])
  expect(names(held)).toEqual(['C', 'B', 'D'])
})

test.each([
  ['zoe', ['Zoë Zimmermann']],
  ['ZIM', ['Zoë Zimmermann']],
  ['zo zi', ['Zoë Zimmermann']],
  ['ward', ['Ann']],
  ['ann.ex', ['Ann']],
  ['oe', []],
  ['  ', ['Zoë Zimmermann', 'Ann', '田中太郎']],
  ['田中', ['田中太郎']],
] as const)(
  'PU2.5 “%s” finds those of whom each word begins a word of name, username or team',
  (typed, found) => {
    const contacts = [
      contact('1', 'Zoë Zimmermann'),
      contact('2', 'Ann', { username: 'ann.example', team: 'Ward 3' }),
      contact('3', '田中太郎'),
    ]
    expect(names(searchContacts(contacts, typed))).toEqual(found)
  },
)

test('PU2.7 of 5,000 contacts one that changes costs no sorting of them all', () => {
  const contacts = book(...manyContacts(5_000, now))
  const changed = contacts.sorted.slice(0, 200).map((one) => ({ ...one, unread: 1 }))
  const next = afterPosted(contacts, { changed, gone: [] })
  expect(next.sorted.map(({ id }) => id)).toEqual(contacts.sorted.map(({ id }) => id))
  expect(next.sorted.filter(({ unread }) => unread === 1)).toHaveLength(200)
})
