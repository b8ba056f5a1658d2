// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { logInRefusal } from '../../../components/log-in-refusals.ts'
import { Popup } from '../../../components/Popup.tsx'
import type { Asker } from '../../../components/page-props.ts'
import type { LogInReply, ServerAnswer } from '../../../messages/commands.ts'
import type { State } from '../../../messages/state.ts'
import { click, control, description, doing, draw, field, text, type } from './draw.tsx'
import { asker, watchNothing } from './fake-asker.ts'
import { signedIn, signedOut } from './states.ts'

type Refused = Extract<LogInReply, { ok: false }>

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const submit = () => doing(() => document.querySelector('form')?.requestSubmit())

/** Draws the popup, and what the answers that come at once make of it. */
async function popup(state: State, ask: Asker) {
  await draw(<Popup state={state} ask={ask} watch={watchNothing} />)
  await doing(() => undefined)
}

const show = (ask = asker().ask, draft = '') => popup(signedOut('never', draft), ask)

async function logIn(login: string, password: string) {
  await type('Username', login)
  await type('Password', password)
  await submit()
}

const refused = (reply: Refused) => asker({ 'log-in': () => reply })

test('U2.1 what was typed is asked for, as typed', async () => {
  const { ask, of } = asker()
  await show(ask)
  await click(field('Stay signed in'))
  await logIn('ann@clinic.example', ' spaces count ')
  expect(of('log-in')).toEqual([
    { login: 'ann@clinic.example', password: ' spaces count ', staySignedIn: true },
  ])
})

test('U2.1 the button submits the form, so that Enter does', async () => {
  await show()
  expect(control('Log in').getAttribute('type')).toBe('submit')
  expect(control('Log in').closest('form')).toBe(field('Password').form)
})

test('U2.2 each empty field is told beside it, the first has the focus, and nobody is asked', async () => {
  const { ask, of } = asker()
  await show(ask)
  await type('Username', '   ')
  field('Password').focus()
  await submit()
  expect(of('log-in')).toEqual([])
  expect(document.activeElement).toBe(field('Username'))
  for (const [label, sentence] of [
    ['Username', 'Enter your username or email.'],
    ['Password', 'Enter your password.'],
  ] as const) {
    expect(field(label).getAttribute('aria-invalid')).toBe('true')
    expect(description(field(label))).toContain(sentence)
    const alerts = [...document.querySelectorAll('[role=alert]')].map((alert) => alert.textContent)
    expect(alerts).toContain(sentence)
  }
})

test('U2.2 a field that was mended is no longer called wrong', async () => {
  await show(refused({ ok: false, why: 'wrong-credentials' }).ask)
  await submit()
  await logIn('ann', 'wrong')
  expect(field('Username').getAttribute('aria-invalid')).toBe('false')
  expect(field('Password').getAttribute('aria-invalid')).toBe('true')
})

const whys = Object.keys({
  'empty-login': true,
  'empty-password': true,
  'wrong-credentials': true,
  'too-many-attempts': true,
  'no-server': true,
  'no-network': true,
  'server-silent': true,
  'not-a-reachable-server': true,
  'wrong-address': true,
  outdated: true,
  'server-fault': true,
  storage: true,
  'window-closed': true,
  interrupted: true,
  denied: true,
  'unverified-email': true,
  'account-unverified': true,
  'domain-not-allowed': true,
  'account-disabled': true,
  'issuer-silent': true,
  'issuer-fault': true,
  expired: true,
} satisfies Record<Refused['why'], true>) as Refused['why'][]

test.each(whys)('U2.3 the refusal “%s” is told as an alert, in a sentence of its own', async (why) => {
  const sentence = (one: Refused['why']) => logInRefusal({ why: one }, 'https://a.example').sentence
  expect(whys.filter((other) => sentence(other) === sentence(why))).toEqual([why])
  await show(refused({ ok: false, why }).ask)
  await logIn('ann', 'secret')
  const alerts = [...document.querySelectorAll('[role=alert]')].map((alert) => alert.textContent)
  expect(alerts.filter(Boolean)).toHaveLength(1)
})

test('U2.3 a wrong password is told at the password, which is ready to be typed anew', async () => {
  await show(refused({ ok: false, why: 'wrong-credentials' }).ask)
  await logIn('ann', 'wrong')
  expect(document.activeElement).toBe(field('Password'))
  expect(description(field('Password'))).toContain('Wrong username or password.')
  expect(field('Password').selectionEnd).toBe('wrong'.length)
})

test('U2.3 that name and password do not match is said no more once another name is typed', async () => {
  await show(refused({ ok: false, why: 'wrong-credentials' }).ask)
  await logIn('ann', 'wrong')
  expect(text()).toContain('Wrong username or password.')
  await type('Username', 'anna')
  expect(text()).not.toContain('Wrong username or password.')
  expect(field('Password').getAttribute('aria-invalid')).toBe('false')
})

test.each([
  [30, '30 s'],
  [61, '2 min'],
] as const)('U2.3 too many attempts: %s seconds to wait are told as %s', async (retryAfter, told) => {
  const until = Date.now() + retryAfter * 1_000
  await show(refused({ ok: false, why: 'too-many-attempts', until }).ask)
  await logIn('ann', 'wrong')
  expect(text()).toContain(`Try again in ${told}.`)
  expect(document.activeElement).toBe(field('Password'))
  expect(field('Password').selectionEnd).toBe('wrong'.length)
})

test('U2.3 how long to wait is not invented where the server did not say it', async () => {
  await show(refused({ ok: false, why: 'too-many-attempts' }).ask)
  await logIn('ann', 'wrong')
  expect(description(field('Password'))).toContain('Too many attempts. Try again later.')
  expect(text()).not.toMatch(/again (in|now)/)
})

test('U2.3 how long to wait is counted down where it disturbs nobody, and then it is said that one can try', async () => {
  await show(refused({ ok: false, why: 'too-many-attempts', until: Date.now() + 3_000 }).ask)
  await logIn('ann', 'wrong')
  const said = () => description(field('Password'))
  expect(said()).toContain('Too many attempts. Try again in 3 s.')
  await doing(() => vi.advanceTimersByTime(1_000))
  expect(said()).toContain('Try again in 2 s.')
  await doing(() => vi.advanceTimersByTime(2_000))
  expect(said()).toContain('You can try again now.')
  const live = [...document.querySelectorAll('[role=status], [role=alert], [aria-live]')]
  expect(live.filter((region) => /try again/i.test(region.textContent ?? ''))).toEqual([])
})

test.each(['server-silent', 'not-a-reachable-server'] as const)(
  'U2.3 “%s” leads to the server’s address',
  async (why) => {
    await show(refused({ ok: false, why }).ask)
    await logIn('ann', 'secret')
    expect(control('Check the server address').getAttribute('href')).toBe('/options.html#server-address')
  },
)

test('U1.4 while an attempt is under way the button says so, and nothing asks twice', async () => {
  const { ask, of } = asker({ 'log-in': () => new Promise(() => undefined) })
  await show(ask)
  await logIn('ann', 'secret')
  await submit()
  await click(control('Logging in…'))
  expect(of('log-in')).toHaveLength(1)
  expect(control('Logging in…').getAttribute('aria-disabled')).toBe('true')
})

test('U1.4 an attempt that was lost with the worker can be made again', async () => {
  const { ask, of } = asker({ 'log-in': () => Promise.reject(new Error('the worker was stopped')) })
  await show(ask)
  await logIn('ann', 'secret')
  expect(text()).toContain('Reachable was interrupted. Try again.')
  await submit()
  expect(of('log-in')).toHaveLength(2)
})

test('U2.5 a half-typed username is kept soon after the last key, once', async () => {
  const { ask, of } = asker()
  await show(ask)
  for (const typed of ['a', 'an', 'ann']) await type('Username', typed)
  expect(of('keep-draft')).toEqual([])
  await doing(() => vi.advanceTimersByTime(1_000))
  expect(of('keep-draft')).toEqual([{ login: 'ann' }])
})

test('U2.5 a username typed just before the popup closes is kept too', async () => {
  const { ask, of } = asker()
  await show(ask)
  await type('Username', 'ann')
  await doing(() => window.dispatchEvent(new Event('pagehide')))
  expect(of('keep-draft')).toEqual([{ login: 'ann' }])
})

test('U2.5 what was kept stands in the field again, and the password is next', async () => {
  await show(asker().ask, 'ann@clin')
  expect(field('Username').value).toBe('ann@clin')
  expect(document.activeElement).toBe(field('Password'))
})

test('A8.14 "Stay signed in" begins as it was chosen', async () => {
  const state = signedOut('ended', 'ann')
  await draw(
    <Popup
      state={{ ...state, session: { ...state.session, staySignedIn: true } as never }}
      ask={asker().ask}
      watch={watchNothing}
    />,
  )
  expect(field('Stay signed in').checked).toBe(true)
})

const eye = () => control('Show password')

test('U2.13 a button in the field shows the password, and hides it again', async () => {
  await show()
  await type('Password', 'secret')
  expect([field('Password').type, eye().getAttribute('aria-pressed')]).toEqual(['password', 'false'])
  await click(eye())
  expect([field('Password').type, eye().getAttribute('aria-pressed')]).toEqual(['text', 'true'])
  expect(field('Password').value).toBe('secret')
  expect(eye().getAttribute('type')).toBe('button')
  await click(eye())
  expect(field('Password').type).toBe('password')
})

test('U2.13 a password that is sent, or whose page goes, is hidden again', async () => {
  const { ask, of } = asker({ 'log-in': () => new Promise(() => undefined) })
  await show(ask)
  await click(eye())
  await doing(() => window.dispatchEvent(new Event('pagehide')))
  expect(field('Password').type).toBe('password')
  await click(eye())
  await logIn('ann', 'secret')
  expect(of('log-in')).toHaveLength(1)
  expect([field('Password').type, eye().getAttribute('aria-pressed')]).toEqual(['password', 'false'])
})

/** A server that answers as `now` says, each time that it is looked at. */
function answering(
  answer: ServerAnswer,
  logIn: () => LogInReply | Promise<LogInReply> = () => ({ ok: true }),
) {
  const server = { now: answer }
  const { ask, of } = asker({
    'check-server': () => ({ ok: true, answer: server.now }),
    'log-in': logIn,
  })
  return { server, ask, looks: () => of('check-server').length, of }
}
const regions = (role: string) =>
  [...document.querySelectorAll(`form [role=${role}]`)].map((e) => e.textContent).join('')
const notice = () => regions('status')
const passing = (milliseconds: number) => doing(() => vi.advanceTimersByTimeAsync(milliseconds))
const times = (sentence: string) => text().split(sentence).length - 1

test.each([
  ['server-silent', 'The server does not answer.'],
  ['not-a-reachable-server', 'Something answers, but not as a Reachable server.'],
  ['no-network', 'This computer is offline.'],
  ['outdated', 'The server speaks another version.'],
] as const)(
  'U2.14 “%s” is said as the form opens, and one can log in all the while',
  async (answer, sentence) => {
    const { ask, of } = answering(answer)
    await show(ask)
    expect(notice()).toContain(sentence)
    await logIn('ann', 'secret')
    expect(of('log-in')).toHaveLength(1)
  },
)

test('U2.14 what a look finds stands below the button, which stays under the hand that presses it', async () => {
  await show(answering('server-silent').ask)
  const said = document.querySelector('.login-notice > [role=status]')
  expect(said?.textContent).toBe('The server does not answer.')
  const place = control('Log in').compareDocumentPosition(said as Element)
  expect(place & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy()
})

test('U2.14 of a server that is fine, or was not heard yet, nothing is said', async () => {
  await show(answering('fine').ask)
  expect(notice()).toBe('')
  await draw(null)
  await show(asker({ 'check-server': () => new Promise(() => undefined) }).ask)
  expect(notice()).toBe('')
})

test('U2.14 a form that appears in an open popup looks for itself, and says nothing of what was before it', async () => {
  const { server, ask, looks } = answering('server-silent')
  await show(ask)
  expect(notice()).toContain('The server does not answer.')
  server.now = 'fine'
  await draw(<Popup state={signedIn} ask={ask} watch={watchNothing} />)
  const before = looks()
  await popup(signedOut('logged-out'), ask)
  expect([notice(), looks()]).toEqual(['', before + 1])
  await draw(<Popup state={signedIn} ask={ask} watch={watchNothing} />)
  server.now = 'server-silent'
  await popup(signedOut('ended'), ask)
  expect(notice()).toContain('The server does not answer.')
})

test('U2.14 U2.3 what is said has a region that was there before it, and a try in it tells nothing twice', async () => {
  const { ask } = answering('server-silent')
  await draw(<Popup state={signedOut()} ask={ask} watch={watchNothing} />)
  const [status, alert] = [...document.querySelectorAll('.login-notice > [role]')]
  expect([status?.role, status?.textContent, alert?.role, alert?.textContent]).toEqual([
    'status',
    '',
    'alert',
    '',
  ])
  await doing(() => undefined)
  expect(status?.textContent).toBe('The server does not answer.')
  const live = [...document.querySelectorAll('[role=status], [role=alert], [aria-live]')]
  expect(live).toContain(status)
  expect(live.flatMap((region) => [...region.querySelectorAll('a, button')])).toEqual([])
  const changed = vi.fn()
  const watch = new MutationObserver(changed)
  for (const region of live) watch.observe(region, { childList: true, characterData: true, subtree: true })
  await click(control('Try again'))
  expect(control('Trying…')).toBeTruthy()
  await passing(1_000)
  expect(control('Try again')).toBeTruthy()
  expect(changed).not.toHaveBeenCalled()
  watch.disconnect()
})

test('U2.14 of another server that is named meanwhile nothing is said that was asked of the first', async () => {
  const answers: ((reply: object) => void)[] = []
  const { ask } = asker({ 'check-server': () => new Promise((answer) => void answers.push(answer)) })
  const at = (server: string) => popup({ ...signedOut(), server }, ask)
  await at('https://first.example')
  await at('https://other.example')
  await doing(() => answers[0]?.({ ok: true, answer: 'server-silent' }))
  expect(notice()).toBe('')
  await doing(() => answers[1]?.({ ok: true, answer: 'outdated' }))
  expect(notice()).toContain('another version')
})

test('U2.14 an answer that was asked for earlier undoes none that came before it', async () => {
  const answers: ((reply: object) => void)[] = []
  const { ask } = asker({ 'check-server': () => new Promise((answer) => void answers.push(answer)) })
  await show(ask)
  await passing(5_000)
  await doing(() => answers[1]?.({ ok: true, answer: 'fine' }))
  await doing(() => answers[0]?.({ ok: true, answer: 'server-silent' }))
  expect(notice()).toBe('')
})

test('U2.14 the server is looked at anew, by hand and by itself, and what it is said of goes when it answers', async () => {
  const { server, ask, looks } = answering('server-silent')
  await show(ask)
  expect(control('Check the server address').getAttribute('href')).toBe('/options.html#server-address')
  control('Try again').focus()
  await click(control('Try again'))
  expect(control('Trying…').getAttribute('aria-disabled')).toBe('true')
  await passing(1_000)
  expect(looks()).toBe(2)
  await passing(9_000)
  expect(looks()).toBe(4)
  control('Try again').focus()
  server.now = 'fine'
  await passing(5_000)
  expect(notice()).toBe('')
  expect(document.activeElement).toBe(field('Username'))
  const then = looks()
  await passing(20_000)
  expect(looks()).toBe(then)
})

test('U2.14 a look that was lost with the worker is made again', async () => {
  let lost = true
  const { ask } = asker({
    'check-server': () =>
      lost ? Promise.reject(new Error('the worker was stopped')) : { ok: true, answer: 'server-silent' },
  })
  await show(ask)
  lost = false
  await passing(5_000)
  expect(notice()).toContain('The server does not answer.')
})

test('U2.14 U2.3 what a log-in failed for is said once, as an alert, and goes when the server answers', async () => {
  const { server, ask } = answering('server-silent', () => ({ ok: false, why: 'server-silent' }))
  await show(ask)
  await logIn('ann', 'secret')
  expect(regions('alert')).toContain('The server does not answer.')
  expect([times('The server does not answer.'), notice()]).toEqual([1, ''])
  server.now = 'fine'
  await passing(5_000)
  expect(times('The server does not answer.')).toBe(0)
  expect(field('Password').value).toBe('secret')
})

test('U2.14 what a log-in failed for goes also where every look before and after it found the server well', async () => {
  let answer = (_: object): void => undefined
  const { ask, of } = asker({
    'check-server': () =>
      of('check-server').length === 1
        ? { ok: true, answer: 'fine' }
        : new Promise((resolve) => (answer = resolve)),
    'log-in': () => ({ ok: false, why: 'server-silent' }),
  })
  await show(ask)
  await logIn('ann', 'secret')
  expect(regions('alert')).toContain('The server does not answer.')
  await doing(() => answer({ ok: true, answer: 'fine' }))
  expect(times('The server does not answer.')).toBe(0)
})

test('A7.5 where nobody has named a server its address is asked for before anything else', async () => {
  const { ask, of } = asker()
  await draw(<Popup state={{ ...signedOut(), server: null }} ask={ask} watch={watchNothing} />)
  expect(text()).toContain('Your clinic or service gives you its address.')
  expect(() => field('Password')).toThrow()
  expect(document.activeElement).toBe(field('Server address'))
  await type('Server address', 'reachable.example')
  await submit()
  expect(of('set-server')).toEqual([{ address: 'reachable.example' }])
  await draw(<Popup state={signedOut()} ask={ask} watch={watchNothing} />)
  expect(document.activeElement).toBe(field('Username'))
})

test('A8.3 the password goes into the one question and nowhere else', async () => {
  const { ask, asked } = asker({ 'log-in': () => ({ ok: false, why: 'server-fault' }) })
  await show(ask)
  await logIn('ann', 'hunter-2-and-more')
  await doing(() => vi.advanceTimersByTime(1_000))
  window.dispatchEvent(new Event('pagehide'))
  const others = asked.filter(([command]) => command !== 'log-in')
  expect(JSON.stringify(others)).not.toContain('hunter')
  await draw(<Popup state={signedIn} ask={ask} watch={watchNothing} />)
  await draw(<Popup state={signedOut('logged-out', 'ann')} ask={ask} watch={watchNothing} />)
  expect(field('Password').value).toBe('')
})
