// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Popup } from '../../../../components/Popup.tsx'
import {
  LazyAddContact,
  LazyBusyUntilTime,
  LazyCallList,
  LazyExpectAt,
  LazyExpectedCalls,
  LazyReadyAnswers,
  LazyThread,
} from '../../../../components/people/lazy-parts.ts'
import { type ContactView, contactsPort, type PeopleState } from '../../../../messages/people.ts'
import type { State } from '../../../../messages/state.ts'
import { contact, placedCall, quietPeople, someCalls } from '../../../support/people-demo/demo-people.ts'
import { click, control, doing, draw, field, press, text, type } from '../draw.tsx'
import { asker, ports } from '../fake-asker.ts'
import { call, reachable, signedOut, unreachable } from '../states.ts'

const now = new Date(2026, 10, 26, 12, 0).getTime()

beforeEach(async () => {
  vi.useFakeTimers({ now, toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  await Promise.all(
    [
      ...[LazyThread, LazyCallList, LazyAddContact, LazyBusyUntilTime, LazyReadyAnswers],
      ...[LazyExpectAt, LazyExpectedCalls],
    ].map((part) => part.load()),
  )
  // No page is laid out here: a list is as high as ten rows.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(540)
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(540)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const people = (more: Partial<PeopleState> = {}, state: Partial<State> = {}): State => ({
  ...reachable(now),
  ...state,
  people: { ...quietPeople, ...more },
})

/** The popup, with a worker that answers as told and ports that say what the test does. */
async function open(state: State = people(), answers: Parameters<typeof asker>[0] = {}) {
  const { ask, of } = asker(answers)
  const port = ports()
  const show = (next: State) => draw(<Popup state={next} ask={ask} watch={port.watch} />)
  await show(state)
  // Nothing below the light is drawn before this is told.
  if (state.people) await doing(() => port.post(contactsPort, { whole: [], more: false }))
  return {
    of,
    show,
    port,
    post: (name: string, posted: object | null) => doing(() => port.post(name, posted)),
  }
}

const withContacts = async (contacts: readonly ContactView[], ...more: Parameters<typeof open>) => {
  const opened = await open(...more)
  await opened.post(contactsPort, { whole: contacts, more: false })
  return opened
}

const seen = () => document.querySelector('.seen')
const words = (element: Element | null | undefined) =>
  (element?.textContent ?? '').replaceAll(/\s+/g, ' ').trim()
const rows = () => [...document.querySelectorAll<HTMLElement>('[data-row]')]
const rowNames = () => rows().map((row) => row.querySelector('bdi')?.textContent)
const rowOf = (id: string) => document.querySelector<HTMLElement>(`[data-row="${id}"]`)
const shapeOf = (element: Element | null | undefined) =>
  element?.querySelector('.shape')?.getAttribute('data-shape')
const focused = () => document.activeElement as HTMLElement
const focusedRow = () => focused().closest<HTMLElement>('[data-row]')?.dataset.row
const alerts = () => [...document.querySelectorAll('[role=alert]')].map(words).join(' ').trim()

const available = { presence: { kind: 'available', since: now } } as const

const addButton = () => document.querySelector('.people-add')

test('PU1.4 below the light nothing is drawn before the worker has told all that there is, and then all at once', async () => {
  const { ask } = asker()
  const port = ports()
  const show = (state: State) => draw(<Popup state={state} ask={ask} watch={port.watch} />)
  const asking = [contact('cem', 'Cem', { relation: 'asks' })]
  await show(people({ asking, catchingUp: true }))
  await doing(() => port.post(contactsPort, { whole: [contact('ben', 'Ben', available)], more: false }))
  expect([text().includes('Calls can reach you'), text().includes('Accept'), addButton()]).toEqual([
    ...[true, false, null],
  ])
  await show(people({ asking }, { reachability: { kind: 'checking' } }))
  expect([text().includes('Accept'), addButton()]).toEqual([false, null])
  await show(people({ asking, seenAs: 'unknown' }))
  expect([text().includes('Accept'), addButton()]).toEqual([false, null])
  await show(people({ asking }))
  expect([text().includes('Accept'), addButton() !== null, rowNames()]).toEqual([true, true, ['Ben']])
  // Once it is there it stays.
  await show(people({ asking, catchingUp: true }, { reachability: { kind: 'checking' } }))
  expect([text().includes('Accept'), addButton() !== null, rowNames()]).toEqual([true, true, ['Ben']])
})

test('PU1.4 what is still to come after a second holds up nothing, nor does it where no connection gets through', async () => {
  const { ask } = asker()
  const port = ports()
  const show = (state: State) => draw(<Popup state={state} ask={ask} watch={port.watch} />)
  await show(people({ catchingUp: true }, { reachability: { kind: 'checking' } }))
  await doing(() => vi.advanceTimersByTime(999))
  expect(addButton()).toBeNull()
  await doing(() => vi.advanceTimersByTime(1))
  expect(addButton()).not.toBeNull()
  await show(signedOut())
  await show(people({ catchingUp: true }, unreachable('no-network')))
  expect(addButton()).toBeNull()
  await doing(() => port.post(contactsPort, { whole: [], more: false }))
  expect(addButton()).not.toBeNull()
})

test.each([
  ['available', 'available', 'Your contacts see: Available'],
  ['away', 'away', 'Your contacts see: Away'],
  ['in-call', 'in-call', 'Your contacts see: In a call'],
  ['offline', 'offline', 'Your contacts see: Offline'],
  ['unknown', 'unknown', 'What contacts see is not known now.'],
] as const)(
  'PU1.1 of two facts the other is what contacts see (%s), in shape and words',
  async (seenAs, shape, sentence) => {
    await open(people({ seenAs }))
    expect([shapeOf(seen()), words(seen())]).toEqual([shape, sentence])
    expect(words(document.querySelector('.status h1'))).toBe('Calls can reach you, Ann Example.')
  },
)

test('PU1.1 neither fact is drawn from the other', async () => {
  const { show } = await open(people({ seenAs: 'available' }, unreachable('server-silent')))
  expect(shapeOf(document.querySelector('.status'))).toBe('unreachable')
  expect(words(seen())).toBe('Your contacts see: Available')
  await show(people({ seenAs: 'offline' }))
  expect(shapeOf(document.querySelector('.status'))).toBe('reachable')
  expect(shapeOf(seen())).toBe('offline')
})

test('PU1.1 where the server knows nothing of people there is nothing of them', async () => {
  const { port } = await open({ ...reachable(now), people: null })
  expect(seen()).toBeNull()
  expect(text()).not.toContain('Contacts')
  expect(port.isOpen(contactsPort)).toBe(false)
  await click(control('Account menu'))
  expect(document.querySelector('[role=menuitemradio]')).toBeNull()
})

test('PU1.1 what the server has not heard of yet is said so', async () => {
  const status = { chosen: 'away', until: null, confirmed: false } as const
  await open(people({ status, seenAs: 'available' }))
  expect(words(seen())).toBe(
    'Your contacts see: Available The server has not heard of “Away” yet.'.replace(' The', 'The'),
  )
})

test('PX3.6 where the status is not known here none is said or marked', async () => {
  await open(people({ status: null, seenAs: 'unknown' }))
  expect(words(seen())).toBe('What contacts see is not known now.')
  await click(control('Account menu'))
  expect(document.querySelectorAll('[role=menuitemradio]')).toHaveLength(4)
  expect(document.querySelector('[role=menuitemradio][aria-checked=true]')).toBeNull()
})

test('PX1.7 a browser that cannot keep contacts now is told to be so', async () => {
  const { show } = await open(people({ notKept: true }))
  expect(text()).toContain('This browser cannot keep contacts and messages now.')
  await show(people())
  expect(text()).not.toContain('cannot keep')
})

const busy = (until: number) => ({ chosen: 'busy', until, confirmed: true }) as const

test('PU1.2 busy says until when, and End now ends it', async () => {
  const { of } = await open(people({ status: busy(now + 2 * 3_600_000), seenAs: 'busy' }))
  expect(words(seen())).toBe('Your contacts see: Busy until 14:00.End now')
  await click(control('End now'))
  expect(of('set-status')).toEqual([{ status: 'available', until: null }])
})

test('PU1.2 once busy has ended it is no more said, though nobody told', async () => {
  await open(people({ status: busy(now + 60_000), seenAs: 'available' }))
  expect(text()).toContain('End now')
  await doing(() => vi.advanceTimersByTime(60_000))
  expect(text()).not.toContain('End now')
  expect(text()).not.toContain('Busy until')
})

const radios = () => [...document.querySelectorAll<HTMLElement>('[role=menuitemradio]')]

test('PU1.2 a status is chosen in the account menu, of which one is checked', async () => {
  const { of } = await open()
  await click(control('Account menu'))
  expect(
    radios().map((radio) => [
      words(radio.querySelector('.status-menu-words')),
      radio.getAttribute('aria-checked'),
    ]),
  ).toEqual([
    ['Available', 'true'],
    ['Away', 'false'],
    ['Busy…', 'false'],
    ['InvisibleYou look offline; calls still ring', 'false'],
  ])
  expect(focused()).toBe(radios()[0])
  await click(radios()[1] as HTMLElement)
  expect(of('set-status')).toEqual([{ status: 'away', until: null }])
  expect(document.querySelector('[role=menu]')).toBeNull()
  expect(focused()).toBe(control('Account menu'))
})

test.each([
  ['30 minutes', now + 30 * 60_000],
  ['1 hour', now + 60 * 60_000],
  ['2 hours', now + 120 * 60_000],
  ['Until tomorrow', new Date(2026, 10, 27, 8, 0).getTime()],
] as const)('PU1.2 busy asks until when: %s', async (choice, until) => {
  const { of } = await open()
  await click(control('Account menu'))
  await click(radios()[2] as HTMLElement)
  expect(of('set-status')).toEqual([])
  expect(words(focused())).toBe('Busy until when?')
  await click(control(choice))
  expect(of('set-status')).toEqual([{ status: 'busy', until }])
})

test('PU1.2 busy until a time of the clock', async () => {
  const { of } = await open()
  await click(control('Account menu'))
  await click(radios()[2] as HTMLElement)
  await click(control('Until a time'))
  expect(focused()).toBe(field('Busy until'))
  await type('Busy until', '')
  await doing(() => document.querySelector<HTMLFormElement>('.busy-time')?.requestSubmit())
  expect([of('set-status'), alerts()]).toEqual([[], 'Enter a time.'])
  await type('Busy until', '09:30')
  expect(text()).toContain('Calls are kept until tomorrow 09:30.')
  await doing(() => document.querySelector<HTMLFormElement>('.busy-time')?.requestSubmit())
  expect(of('set-status')).toEqual([{ status: 'busy', until: new Date(2026, 10, 27, 9, 30).getTime() }])
})

test('PU1.3 a status that could not be set is told so in the menu, and can be chosen again', async () => {
  const { of } = await open(people(), {
    'set-status': () => ({ ok: false, why: 'offline', message: 'There is no connection.' }),
  })
  await click(control('Account menu'))
  await click(radios()[3] as HTMLElement)
  expect(alerts()).toBe('There is no connection.')
  await click(radios()[3] as HTMLElement)
  expect(of('set-status')).toHaveLength(2)
})

test('PU1.3 a worker that died leaves a sentence, and no button that is dead', async () => {
  const { of } = await open(people({ asking: [contact('mo', 'Mo Okafor', { relation: 'asks' })] }), {
    'answer-contact': () => Promise.reject(new Error('gone')),
  })
  await click(control('Accept'))
  expect(alerts()).toBe(
    'Reachable did not answer, so it is not known whether that was done. Look before you try again.',
  )
  await click(control('Accept'))
  expect(of('answer-contact')).toHaveLength(2)
})

test('PU2.1 who asks stands before the contacts, and is accepted, declined or blocked', async () => {
  const asking = [1, 2, 3].map((n) => contact(`q${n}`, `Asks ${n}`, { relation: 'asks' }))
  const { of } = await open(people({ asking }))
  const requests = document.querySelector('.requests')
  expect(requests?.compareDocumentPosition(document.querySelector('.people') as Node)).toBe(
    Node.DOCUMENT_POSITION_FOLLOWING,
  )
  expect(text()).not.toContain('Asks 3')
  await click(control('Show all 3 requests'))
  await click(control('Accept Asks 1'))
  await click(control('Decline Asks 2'))
  await click(control('Block Asks 3'))
  expect(of('answer-contact')).toEqual([
    { contact: 'q1', answer: 'accept' },
    { contact: 'q2', answer: 'decline' },
    { contact: 'q3', answer: 'block' },
  ])
})

const askFor = async (login: string) => {
  await type('Username or email', login)
  await doing(() => document.querySelector<HTMLFormElement>('.add-contact')?.requestSubmit())
}

test('PU2.2 somebody is asked by one field, and the answer says nothing of whether they exist', async () => {
  const { of } = await open()
  await click(control('Add a contact'))
  expect(focused()).toBe(field('Username or email'))
  await askFor('  ')
  expect([of('ask-contact'), alerts()]).toEqual([[], 'Enter a username or an email address.'])
  await askFor(' grace@clinic.example ')
  expect(of('ask-contact')).toEqual([{ login: 'grace@clinic.example' }])
  expect(words(document.querySelector('.add-asked'))).toBe(
    'Asked. If somebody has the name “grace@clinic.example”, they see it and can accept.',
  )
  expect(field('Username or email').value).toBe('')
})

test('PU2.2 PU1.3 a request that was refused stays in its field, with why', async () => {
  await open(people(), {
    'ask-contact': () => ({ ok: false, why: 'refused', message: 'You have asked too often.' }),
  })
  await click(control('Add a contact'))
  await askFor('grace')
  expect([alerts(), field('Username or email').value]).toEqual(['You have asked too often.', 'grace'])
  await press('Escape')
  expect(document.querySelector('.add-contact')).toBeNull()
  expect(focused()).toBe(control('Add a contact'))
})

test('PU2.3 a row says in shape and words what is known, and a port that breaks leaves nothing known', async () => {
  const { post } = await withContacts([
    contact('ben', 'Ben', available),
    contact('elif', 'Elif', { presence: { kind: 'away', since: now - 7_080_000 } }),
    contact('gus', 'Gus', { presence: { kind: 'checking', lastKnownAt: now } }),
    contact('hal', 'Hal', { relation: 'asked', since: now }),
  ])
  const told = () => rows().map((row) => [words(row.querySelector('.contact-words')), shapeOf(row)])
  expect(told()).toEqual([
    ['Can be reached', 'available'],
    ['Away since 10:02', 'away'],
    ['Was reachable, checking…', 'asking'],
    ['Asked at 12:00, no answer yet', undefined],
  ])
  await post(contactsPort, null)
  expect(told().slice(0, 3)).toEqual(Array(3).fill(['Not known now', 'unknown']))
  expect(document.querySelector('.contact [data-shape=available]')).toBeNull()
})

test('PU2.3 PU2.4 a busy that ends while one looks is asked again, and the row stays', async () => {
  await withContacts([contact('ben', 'Ben', { presence: { kind: 'busy', until: now + 30_000, since: now } })])
  expect(words(rowOf('ben')?.querySelector('.contact-words'))).toBe('Busy until 12:00')
  await doing(() => vi.advanceTimersByTime(40_000))
  expect(words(rowOf('ben')?.querySelector('.contact-words'))).toBe('Was reachable, checking…')
})

test('PU2.3 the contacts are watched while the popup shows them, and no longer', async () => {
  const { port } = await open()
  expect(port.isOpen(contactsPort)).toBe(true)
  await draw(null)
  expect(port.isOpen(contactsPort)).toBe(false)
})

test('PU2.4 while the pointer is in the list nobody moves; when it leaves everybody is in their place', async () => {
  const { post } = await withContacts([contact('a', 'Ann'), contact('b', 'Ben'), contact('c', 'Carla')])
  const list = document.querySelector('.contact-scroll') as HTMLElement
  await doing(() => list.dispatchEvent(new Event('pointerenter')))
  await post(contactsPort, {
    changed: [contact('c', 'Carla', available), contact('d', 'Aaron')],
    gone: ['a'],
  })
  expect(rowNames()).toEqual(['Ben', 'Carla', 'Aaron'])
  expect(shapeOf(rowOf('c'))).toBe('available')
  await doing(() => list.dispatchEvent(new Event('pointerleave')))
  expect(rowNames()).toEqual(['Carla', 'Aaron', 'Ben'])
})

test('PU2.4 the row with the focus keeps it, wherever it goes, and in the same place of the row', async () => {
  const { post } = await withContacts([contact('a', 'Ann'), contact('b', 'Ben'), contact('c', 'Carla')])
  await doing(() => control('Message Carla').focus())
  await post(contactsPort, { changed: [contact('c', 'Carla', available)], gone: [] })
  expect(rowNames()).toEqual(['Carla', 'Ann', 'Ben'])
  expect(focused()).toBe(control('Message Carla'))
})

test('PU2.4 where the row with the focus is gone another has it', async () => {
  const { post } = await withContacts([contact('a', 'Ann'), contact('b', 'Ben')])
  await doing(() => rowOf('a')?.querySelector<HTMLElement>('[data-column]')?.focus())
  await post(contactsPort, { changed: [], gone: ['a'] })
  expect(focusedRow()).toBe('b')
})

test('PU2.4 blocked people stand apart, until somebody wants to see them', async () => {
  const { of } = await withContacts([contact('a', 'Ann'), contact('z', 'Zed', { relation: 'blocked' })])
  expect(rowNames()).toEqual(['Ann'])
  await click(control('Blocked (1)'))
  expect(rowNames()).toEqual(['Ann', 'Zed'])
  await click(control('More for Zed'))
  await click(control('Unblock'))
  expect(of('change-contact')).toEqual([{ contact: 'z', change: 'unblock' }])
})

test('PU2.5 there is a search from 8 contacts on, and Escape empties it before it closes the popup', async () => {
  const some = (count: number) => Array.from({ length: count }, (_, n) => contact(`${n}`, `Person ${n}`))
  const { post } = await withContacts(some(7))
  expect(document.querySelector('[type=search]')).toBeNull()
  await post(contactsPort, { changed: [contact('7', 'Zoë')], gone: [] })
  const search = document.querySelector<HTMLInputElement>('[type=search]')
  expect(search?.ariaLabel ?? search?.getAttribute('aria-label')).toBe('Search contacts')
  const typed = (value: string) =>
    doing(() => {
      if (search) search.value = value
      search?.dispatchEvent(new Event('input', { bubbles: true }))
    })
  await typed('zoe')
  expect(rowNames()).toEqual(['Zoë'])
  await typed('nobody')
  expect(words(document.querySelector('.nobody'))).toBe('Nobody here is called “nobody”.')
  await doing(() => search?.focus())
  expect(await press('Escape')).toBe(false)
  expect([rowNames().length, await press('Escape')]).toEqual([8, true])
})

test('PU2.6 Tab comes to one place of the list, arrows and the ends lead from row to row and within one', async () => {
  const { of } = await withContacts([contact('a', 'Ann'), contact('b', 'Ben'), contact('c', 'Carla')])
  const stops = () => [...document.querySelectorAll<HTMLElement>('.contact [tabindex="0"]')]
  expect(stops()).toHaveLength(1)
  await doing(() => stops()[0]?.focus())
  const walk: readonly [string, string][] = [
    ['ArrowDown', 'b'],
    ['ArrowDown', 'c'],
    ['ArrowDown', 'c'],
    ['Home', 'a'],
    ['ArrowUp', 'a'],
    ['End', 'c'],
    ['PageUp', 'a'],
  ]
  for (const [key, row] of walk) {
    expect([key, await press(key), focusedRow()]).toEqual([key, false, row])
    expect(stops()).toHaveLength(1)
  }
  await press('ArrowRight')
  expect(focused()).toBe(control('Call Ann'))
  await press('ArrowDown')
  expect(focused()).toBe(control('Call Ben'))
  await press('ArrowRight')
  await press('ArrowRight')
  await press('ArrowRight')
  expect(focused()).toBe(control('More for Ben'))
  await press('Home')
  await press('ArrowLeft')
  await press('ArrowLeft')
  await click(focused())
  expect(of('call-contact')).toEqual([{ contact: 'a' }])
})

test('PU2.7 of 5,000 contacts those rows alone are in the document that can be seen, and the one with the focus', async () => {
  const many = Array.from({ length: 5_000 }, (_, n) =>
    contact(`${n}`, `Person ${String(n).padStart(4, '0')}`),
  )
  await withContacts(many)
  await vi.waitFor(async () => {
    await doing(() => undefined)
    expect(document.querySelector('[aria-rowcount="5000"]')).not.toBeNull()
  })
  expect(rows().length).toBeGreaterThan(9)
  expect(rows().length).toBeLessThan(40)
  await doing(() => rows()[0]?.querySelector<HTMLElement>('[data-column]')?.focus())
  const list = document.querySelector('.contact-scroll') as HTMLElement
  await doing(() => {
    list.scrollTop = 100_000
    list.dispatchEvent(new Event('scroll'))
  })
  expect(rowNames()).toContain('Person 1853')
  expect([focusedRow(), rows().length < 40]).toEqual(['0', true])
})

const menuItems = () => [...document.querySelectorAll<HTMLElement>('.contact-sheet [role^=menuitem]')]

test('PU2.8 the menu of a contact switches what is so of them', async () => {
  const { of } = await withContacts([contact('a', 'Ann', { favourite: true })])
  const items = async () => {
    await click(control('More for Ann'))
    return menuItems()
  }
  expect((await items()).map((item) => [words(item), item.getAttribute('aria-checked')])).toEqual([
    ['Favourite', 'true'],
    ['Tell me once when Ann can be reached', 'false'],
    ['Rings through while I am busy', 'false'],
    ['Announce a call to Ann…', null],
    ['Remove…', null],
    ['Block…', null],
  ])
  for (const index of [0, 1, 2]) {
    await click(menuItems()[index] as HTMLElement)
    await items()
  }
  expect(of('change-contact')).toEqual([
    { contact: 'a', change: 'no-favourite' },
    { contact: 'a', change: 'ring-through' },
  ])
  expect(of('await-contact')).toEqual([{ contact: 'a', on: true }])
})

test.each([
  ['Remove…', 'Remove', 'remove'],
  ['Block…', 'Block', 'block'],
] as const)('PU2.8 %s asks again, with the harmless answer first', async (item, yes, change) => {
  const { of } = await withContacts([contact('a', 'Ann')])
  await click(control('More for Ann'))
  await click(control(item))
  expect(of('change-contact')).toEqual([])
  expect(words(focused())).toBe(item === 'Remove…' ? 'Keep' : 'Cancel')
  await press('ArrowDown')
  expect(words(focused())).toBe(yes)
  await click(focused())
  expect(of('change-contact')).toEqual([{ contact: 'a', change }])
  expect(focused()).toBe(control('More for Ann'))
})

test('PU2.8 a contact of a team cannot be removed, and who was asked can be asked no longer', async () => {
  const { of } = await withContacts([
    contact('a', 'Ann', { team: 'Ward 3' }),
    contact('q', 'quinn', { relation: 'asked' }),
  ])
  await click(control('More for Ann'))
  expect(menuItems().map(words)).not.toContain('Remove…')
  await press('Escape')
  await click(control('More for quinn'))
  await click(control('Take the request back'))
  expect(of('change-contact')).toEqual([{ contact: 'q', change: 'withdraw' }])
})

test('PU2.8 PU1.3 what could not be done is said above the list, and goes when it is closed', async () => {
  await withContacts([contact('a', 'Ann')], people(), {
    'change-contact': () => ({ ok: false, why: 'unavailable', message: 'The server is busy. Try again.' }),
  })
  await click(control('More for Ann'))
  await click(menuItems()[0] as HTMLElement)
  expect(alerts()).toBe('The server is busy. Try again.')
  await click(control('Close'))
  expect(alerts()).toBe('')
})

const listCalls = { 'list-calls': () => ({ ok: true, calls: someCalls(now), more: true }) }
/** The list asks once it is drawn, and is drawn again once that is answered. */
async function openCalls() {
  await click(control('Calls'))
  await doing(() => undefined)
}

const pastCalls = () => [...document.querySelectorAll('.past-call')].map(words)

test('PU4.1 the list of calls tells who, when and how, all or those that were missed', async () => {
  const { of } = await open(people(), listCalls)
  await openCalls()
  expect(pastCalls().slice(0, 4)).toEqual([
    'From Ben Sample11:35 · missed: no answer',
    'To Ben Sample11:10 · answered',
    'From Deniz Demir10:00 · answered on another device',
    'From Reception07:00 · hung up',
  ])
  await click(control('Missed'))
  expect(pastCalls()).toEqual(['From Ben Sample11:35 · missed: no answer', 'From Reception07:00 · hung up'])
  await click(control('Call Ben Sample'))
  expect(of('call-contact')).toEqual([{ contact: 'ben' }])
})

test('PU4.3 what the blocked did stands apart, in the list of calls and among the contacts', async () => {
  const { of, post } = await open(people(), listCalls)
  await post(contactsPort, {
    whole: [contact('zoe', 'Zoë Zimmermann', { relation: 'blocked' })],
    more: false,
  })
  await openCalls()
  expect(pastCalls().join()).not.toContain('Zoë')
  await click(control('Blocked'))
  expect(pastCalls()).toEqual([expect.stringMatching(/^From Zoë Zimmermann.* · did not ring$/)])
  expect(document.querySelector('[aria-label="Call Zoë Zimmermann"]')).toBeNull()
  await click(control('Messages of Zoë Zimmermann'))
  await vi.waitFor(async () => {
    await doing(() => undefined)
    expect(text()).toContain('You blocked Zoë Zimmermann.')
  })
  await click(control('Back'))
  await click(control('Contacts'))
  await click(control('Blocked (1)'))
  await click(rowOf('zoe')?.querySelector('.contact-who') as HTMLElement)
  expect(text()).toContain('You blocked Zoë Zimmermann.')
  expect(of('call-contact')).toEqual([])
})

test('PU4.1 earlier calls are asked for from the last, and the list anew where it has changed', async () => {
  const calls = someCalls(now)
  const { of, show } = await open(people(), {
    'list-calls': (payload) => {
      const { before } = payload as { readonly before: number | null }
      const older = calls.filter(({ at }) => before === null || at < before)
      return { ok: true, calls: older.slice(0, 3), more: older.length > 3 }
    },
  })
  await openCalls()
  await click(control('Show earlier calls'))
  expect(of('list-calls')).toEqual([{ before: null }, { before: calls[2]?.at }])
  expect(pastCalls()).toHaveLength(6)
  await show(people({ callsVersion: 1 }))
  await doing(() => undefined)
  expect(of('list-calls')).toHaveLength(3)
  expect(pastCalls()).toHaveLength(6)
  await click(control('Show earlier calls'))
  expect(pastCalls()).toHaveLength(8)
  expect(document.querySelector('.past-more')).toBeNull()
})

test('PU4.1 PU1.3 a list that could not be fetched says why, and can be asked for again', async () => {
  let works = false
  await open(people(), {
    'list-calls': () =>
      works ? listCalls['list-calls']() : { ok: false, why: 'offline', message: 'There is no connection.' },
  })
  await openCalls()
  expect(alerts()).toBe('There is no connection.')
  works = true
  await click(control('Try again'))
  expect([alerts(), pastCalls().length]).toEqual(['', 8])
})

test('PU4.2 a missed call of a contact leads to calling them and writing to them, another does not', async () => {
  const missed = [
    { id: 'm1', from: 'Ben Sample', contact: 'ben', at: now, why: 'no-answer' },
    { id: 'm2', from: 'Reception', at: now, why: 'no-answer' },
  ] as const
  const { of, port } = await open(people({}, { missed }))
  expect(document.querySelectorAll('.missed-actions')).toHaveLength(1)
  await click(control('Call Ben Sample'))
  expect(of('call-contact')).toEqual([{ contact: 'ben' }])
  await click(control('Message Ben Sample'))
  expect(port.isOpen('thread:ben')).toBe(true)
  expect(words(document.querySelector('.thread h1'))).toBe('Ben Sample')
})

test('PU3.4 PU3.6 a worker that starts anew takes no thread away, nor what is being written; logging out does', async () => {
  const { show } = await withContacts([contact('ben', 'Ben', available)])
  await click(control('Message Ben'))
  const field = () => document.querySelector<HTMLTextAreaElement>('.composer textarea')
  const before = field()
  await doing(() => {
    if (before) before.value = 'Half a sentence'
    before?.dispatchEvent(new Event('input', { bubbles: true }))
  })
  const starting = { ...reachable(now), reachability: { kind: 'checking' }, people: null } as const
  await show({ ...starting, session: { kind: 'unknown' } })
  await show(starting)
  await show(people())
  expect([field() === before, field()?.value]).toEqual([true, 'Half a sentence'])
  await show(signedOut())
  expect(field()).toBeNull()
  await show(people())
  expect(field()).toBeNull()
})

test('PU2.6 the tabs are worked by arrows, Home and End', async () => {
  await open(people(), listCalls)
  control('Contacts').focus()
  const walk = ['ArrowRight', 'ArrowRight', 'End', 'Home', 'ArrowLeft'] as const
  const selected = () => document.querySelector('[role=tab][aria-selected=true]')?.textContent
  const seen: (string | null | undefined)[] = []
  for (const key of walk) {
    await press(key)
    seen.push(selected())
  }
  expect(seen).toEqual(['Calls', 'Contacts', 'Calls', 'Contacts', 'Calls'])
})

test('PU4.2 two contacts of one name are two callers', async () => {
  const missed = ['ben', 'other'].map(
    (id) => ({ id, from: 'Ben', contact: id, at: now, why: 'busy' }) as const,
  )
  await open(people({}, { missed }))
  expect(document.querySelectorAll('.missed-caller')).toHaveLength(2)
})

test('PU5.1 a call that one has placed stands in the popup while it goes on, and can be cancelled', async () => {
  const { of, show } = await open(people({ placed: [placedCall({ kind: 'ringing', devices: 2 })] }))
  expect(words(document.querySelector('.call-card'))).toBe('Ben SampleRinging on 2 devicesCancel')
  await click(control('Cancel the call to Ben Sample'))
  expect(of('cancel-placed-call')).toEqual([{ key: 'k1' }])
  await show(
    people({ placed: [placedCall({ kind: 'over', how: 'cancelled', busyUntil: null, reply: null })] }),
  )
  expect(document.querySelector('.call-card')).toBeNull()
})

test('PU5.3 whoever is called by a contact can decline with an answer, ready or their own, once', async () => {
  const { of, show } = await open(people({}, { calls: [call('ringing', { contact: 'ben' })] }))
  expect(text()).not.toContain('In a meeting')
  await click(control('Decline with an answer'))
  await doing(() => {
    control('In a meeting').click()
    control('I’ll call you back').click()
  })
  expect(of('decline')).toEqual([{ call: 'c1', answer: 'In a meeting' }])
  await show(people({}, { calls: [call('ringing', { id: 'c2', from: 'Reception' })] }))
  expect(text()).not.toContain('Decline with an answer')
})

test('PU5.3 an answer of one’s own is sent as it was written, and one that is too long is not cut', async () => {
  const { of } = await open(people({}, { calls: [call('ringing', { contact: 'ben' })] }))
  await click(control('Decline with an answer'))
  const own = document.querySelector<HTMLInputElement>('.ready-own input')
  const write = (value: string) =>
    doing(() => {
      if (own) own.value = value
      own?.dispatchEvent(new Event('input', { bubbles: true }))
    })
  const submit = () => doing(() => document.querySelector<HTMLFormElement>('.ready-own')?.requestSubmit())
  await write('x'.repeat(203))
  await submit()
  expect([of('decline'), alerts()]).toEqual([[], '3 characters too many'])
  await write(' In ten minutes ')
  await submit()
  expect(of('decline')).toEqual([{ call: 'c1', answer: 'In ten minutes' }])
})

test('PU2.9 expected calls are told with their time, the next two and how many more, and can be taken back', async () => {
  const expected = [1, 2, 3].map((n) => ({
    id: `e${n}`,
    at: now + n * 3_600_000,
    by: `Dr ${n}`,
    contact: null,
    mine: false,
  }))
  const gone = 'The server does not answer.'
  let reply: object = { ok: false, why: 'unavailable', message: gone }
  const { of } = await open(people({ expected }), { 'cancel-expected': () => reply })
  const section = document.querySelector('.expected')
  expect(words(section)).toBe(
    'A call from Dr 1 is expected at 13:00A call from Dr 2 is expected at 14:00and 1 more',
  )
  await click(control('Not any more: the call from Dr 1'))
  expect(of('cancel-expected')).toEqual([{ expected: 'e1' }])
  expect(alerts()).toBe(gone)
  reply = { ok: true }
  await click(control('Not any more: the call from Dr 1'))
  expect(alerts()).toBe('')
})

test('PM3.4 the tab counts unread messages, of which one is one', async () => {
  const { show } = await open(people({ unread: 1 }))
  expect(control('Contacts').textContent).toBe('Contacts1 unread message')
  await show(people({ unread: 2 }))
  expect(control('Contacts').textContent).toBe('Contacts2 unread messages')
})

const due = { id: 'e', at: now + 60_000, by: 'Ben', contact: 'ben', mine: false } as const

test('PR1.1 PU2.9 of an expected call the popup says what keeps it from being sure to ring, and after its time that it was expected', async () => {
  const off = { reachability: { kind: 'unreachable', why: 'no-network' } } as const
  const { show } = await open(people({ expected: [{ ...due, risk: 'unproven' }] }, off))
  const row = () => document.querySelector('.expected-call')
  expect(words(row())).toBe(
    'A call from Ben is expected at 12:01It might not reach you: nothing proves that calls get through now.',
  )
  await show(people({ expected: [{ ...due, risk: 'busy' }] }))
  expect(words(row())).toContain('is expected at 12:01It would not ring: you are busy then.')
  await doing(() => vi.advanceTimersByTime(61_000))
  expect(words(row())).toBe(
    'A call from Ben was expected at 12:01If it comes now, it does not ring: you are busy.',
  )
  await show(people({ expected: [due] }))
  expect(row()?.querySelector('[role=status]')?.textContent).toBe('')
})

test('PR2.2 a call that this person announced is told as theirs, and can be taken back', async () => {
  const { of } = await open(people({ expected: [{ ...due, mine: true }] }))
  expect(words(document.querySelector('.expected-call'))).toBe('You call Ben at 12:01')
  await click(control('Not any more: the call to Ben'))
  expect(of('cancel-expected')).toEqual([{ expected: 'e' }])
})

test('PR2.1 a call is announced to a contact from their menu, for a time that is to come, and what was refused is told', async () => {
  const refusal = { ok: false, why: 'refused', message: 'You have announced enough calls.' }
  let reply: object = refusal
  const ben = contact('ben', 'Ben', available)
  const { of } = await withContacts([ben], people(), { 'expect-call': () => reply })
  const announce = async () => {
    await click(control('More for Ben'))
    await click(control('Announce a call to Ben…'))
  }
  await announce()
  const input = focused() as HTMLInputElement
  expect([input.type, input.value]).toEqual(['datetime-local', '2026-11-26T12:15'])
  const send = async (value: string) => {
    await doing(() => {
      input.value = value
      input.dispatchEvent(new Event('input', { bubbles: true }))
    })
    await click(control('Tell them'))
  }
  for (const past of ['2026-11-26T11:59', '']) {
    await send(past)
    expect(alerts()).toBe('Choose a time that is still to come.')
  }
  expect(of('expect-call')).toEqual([])
  await send('2026-11-27T09:30')
  expect(alerts()).toBe(refusal.message)
  reply = { ok: true }
  await click(control('Tell them'))
  const asked = { contact: 'ben', at: new Date(2026, 10, 27, 9, 30).getTime() }
  expect(of('expect-call')).toEqual([asked, asked])
  // Its menu is closed, and has given the focus back.
  expect(focused().getAttribute('aria-label')).toBe('More for Ben')
  await announce()
  expect(await press('Escape')).toBe(false)
  expect(document.querySelector('.contact-sheet')).toBeNull()
})

test('PR3.1 the popup opens on the thread that a notification told of, also while it shows another', async () => {
  const { show, port } = await withContacts([contact('ben', 'Ben')], people({ wantedThread: 'ben' }))
  expect(port.isOpen('thread:ben')).toBe(true)
  await show(people())
  expect(port.isOpen('thread:ben')).toBe(true)
  await show(people({ wantedThread: 'cleo' }))
  expect(port.isOpen('thread:ben')).toBe(false)
  expect(port.isOpen('thread:cleo')).toBe(true)
})

test('RM8.4 where nobody could speak the popup says so above the contacts, and what to do, before anybody is called', async () => {
  const words = 'can neither hear nor see you: the server has no https. Ask whoever runs it.'
  const { show } = await withContacts([contact('ben', 'Ben', available)], people({}, { cannotSpeak: true }))
  expect(text()).toContain(words)
  await show(people())
  expect(text()).not.toContain(words)
})
