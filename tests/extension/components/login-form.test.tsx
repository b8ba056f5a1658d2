// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { logInRefusal } from '../../../components/log-in-refusals.ts'
import { Popup } from '../../../components/Popup.tsx'
import type { LogInReply } from '../../../messages/commands.ts'
import { click, control, description, doing, draw, field, text, type } from './draw.tsx'
import { asker } from './fake-asker.ts'
import { signedIn, signedOut } from './states.ts'

type Refused = Extract<LogInReply, { ok: false }>

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const submit = () => doing(() => document.querySelector('form')?.requestSubmit())

const show = (ask = asker().ask, draft = '') => draw(<Popup state={signedOut('never', draft)} ask={ask} />)

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
  expect(description(field('Password'))).toContain('do not belong together')
  expect(field('Password').selectionEnd).toBe('wrong'.length)
})

test.each([
  [30, '30 s'],
  [61, '2 min'],
] as const)('U2.3 too many attempts: %s seconds to wait are told as %s', async (retryAfter, told) => {
  await show(refused({ ok: false, why: 'too-many-attempts', retryAfter }).ask)
  await logIn('ann', 'wrong')
  expect(text()).toContain(`Try again in ${told}.`)
})

test.each(['server-silent', 'not-a-reachable-server'] as const)(
  'U2.3 “%s” leads to the server’s address',
  async (why) => {
    await show(refused({ ok: false, why }).ask)
    await logIn('ann', 'secret')
    expect(control('Check the server address').getAttribute('href')).toBe('/options.html')
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

test('A8.3 the password goes into the one question and nowhere else', async () => {
  const { ask, asked } = asker({ 'log-in': () => ({ ok: false, why: 'server-fault' }) })
  await show(ask)
  await logIn('ann', 'hunter-2-and-more')
  await doing(() => vi.advanceTimersByTime(1_000))
  window.dispatchEvent(new Event('pagehide'))
  const others = asked.filter(([command]) => command !== 'log-in')
  expect(JSON.stringify(others)).not.toContain('hunter')
  await draw(<Popup state={signedIn} ask={ask} />)
  await draw(<Popup state={signedOut('logged-out', 'ann')} ask={ask} />)
  expect(field('Password').value).toBe('')
})
