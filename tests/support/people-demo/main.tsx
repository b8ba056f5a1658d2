import { render } from 'preact'
import { CallPage } from '../../../components/CallPage.tsx'
import { OptionsPage } from '../../../components/OptionsPage.tsx'
import { Popup } from '../../../components/Popup.tsx'
import { PlacedCallPage } from '../../../components/people/PlacedCallPage.tsx'
import '../../../design/tokens.css'
import '../../../design/base.css'
import type { State } from '../../../messages/state.ts'
import {
  contact,
  manyContacts,
  manyMessages,
  placedCall,
  someContacts,
  someMessages,
  withPeople,
} from './demo-people.ts'
import { demoWorker } from './demo-worker.ts'

const query = new URLSearchParams(location.search)
const view = query.get('view') ?? 'contacts'
const many = Number(query.get('many') ?? 0)
const now = Date.now()
const minute = 60_000

const asking = [
  contact('mo', 'Mo Okafor', { relation: 'asks', username: 'mo.okafor' }),
  contact('nils', 'Nils Ångström', { relation: 'asks' }),
  contact('olga', 'Olga Petrova', { relation: 'asks' }),
]
const missed = [
  { id: 'x1', from: 'Ben Sample', contact: 'ben', at: now - 25 * minute, why: 'no-answer' },
  { id: 'x2', from: 'Reception', at: now - 70 * minute, why: 'cancelled' },
] as const
const ringing = {
  id: 'c1',
  from: 'Ben Sample',
  contact: 'ben',
  at: now,
  firstRungAt: now,
  rungAgain: false,
  test: false,
  phase: 'ringing',
} as const
const busy = { chosen: 'busy', until: now + 90 * minute, confirmed: true } as const
const announced = { id: 'e1', at: now + 50 * minute, by: 'Dr. Bell', contact: null, mine: false }
const expected = [announced]
const atRisk = [
  { ...announced, at: now + 8 * minute, risk: 'unproven' },
  { ...announced, id: 'e2', by: 'Ben Sample', contact: 'ben', mine: true },
] as const

const rehearsed = { at: now, seen: null, heard: false }
const rehearsal = {
  ...ringing,
  from: 'Test ring',
  contact: null,
  test: true,
  phase: { over: 'missed' },
} as const

const over = { kind: 'over', busyUntil: null, reply: null } as const
const placed: Readonly<Record<string, Parameters<typeof placedCall>[0]>> = {
  placing: { kind: 'placing' },
  ringing: { kind: 'ringing', devices: 2 },
  waiting: { kind: 'waiting', until: now + 40_000, hasRung: false },
  busy: { ...over, how: 'busy', busyUntil: now + 90 * minute },
  declined: { ...over, how: 'declined', reply: 'In a meeting' },
  'no-answer': { ...over, how: 'no-answer' },
  answered: { ...over, how: 'answered' },
  unknown: { kind: 'unknown' },
}

const states: Readonly<Record<string, () => State>> = {
  contacts: () => withPeople({ unread: 2 }),
  busy: () => withPeople({ status: busy, seenAs: 'busy', asking: asking.slice(0, 1), expected }),
  everything: () =>
    withPeople(
      { status: busy, seenAs: 'busy', asking, expected, unread: 122 },
      {
        missed,
        gaps: [
          { from: now - 80 * minute, until: now - 60 * minute, stretches: 1, missed: 1, recorded: true },
        ],
      },
    ),
  'at-risk': () =>
    withPeople(
      { seenAs: 'unknown', expected: atRisk },
      { reachability: { kind: 'unreachable', why: 'server-silent', since: now - 3 * minute } },
    ),
  options: () =>
    withPeople(
      { expected: [announced, { ...announced, id: 'e2', by: 'Ben Sample', contact: 'ben', mine: true }] },
      {
        reachability: { kind: 'reachable', confirmedAt: now },
        readiness: {
          blocked: true,
          last: { at: now - 50 * minute, seen: false, heard: false },
          updated: true,
        },
      },
    ),
  'rehearsal-due': () => withPeople({}, { readiness: { blocked: true, last: null, updated: false } }),
  'rehearsal-asks': () => withPeople({}, { readiness: { blocked: false, last: rehearsed, updated: false } }),
  rehearsal: () =>
    withPeople({}, { calls: [rehearsal], readiness: { blocked: false, last: rehearsed, updated: false } }),
  missed: () => withPeople({ unread: 2 }, { missed }),
  ringing: () => withPeople({ unread: 2 }, { calls: [ringing] }),
  invisible: () =>
    withPeople({ status: { chosen: 'invisible', until: null, confirmed: true }, seenAs: 'offline' }),
  unproven: () => withPeople({ seenAs: 'unknown' }, { reachability: { kind: 'checking' } }),
  nobody: () => withPeople(),
  call: () => withPeople({}, { calls: [ringing] }),
  ...Object.fromEntries(
    Object.entries(placed).map(([name, phase]) => [
      `placed-${name}`,
      () => withPeople({ placed: [placedCall(phase, { at: now })] }),
    ]),
  ),
}

const state = (states[view] ?? states.contacts)?.() ?? withPeople()
const told = view === 'nobody' ? [] : many > 0 ? manyContacts(many, now) : someContacts(now)
/** Without a proof of its own a device knows nothing of anybody. */
const isProven = state.reachability.kind === 'reachable'
const contacts = isProven ? told : told.map((one) => ({ ...one, presence: { kind: 'unknown' } as const }))
const root = document.body.appendChild(document.createElement('div'))
root.className = 'root'
const worker = demoWorker(
  {
    state,
    contacts,
    messages: many > 0 ? manyMessages(many, now) : someMessages(now),
    readUntil: many > 0 ? many : 7,
    draft: query.get('draft') ?? '',
  },
  now,
  draw,
)

function draw(next: State): void {
  const props = { state: next, ask: worker.ask, watch: worker.watch }
  const close = () => undefined
  if (view.startsWith('placed-')) render(<PlacedCallPage {...props} id="k1" close={close} />, root)
  else if (view === 'options') render(<OptionsPage {...props} version="1.0.0" />, root)
  else if (view === 'call' || view === 'rehearsal')
    render(<CallPage {...props} id="c1" close={close} />, root)
  else render(<Popup {...props} />, root)
}
draw(state)

window.demo = worker
