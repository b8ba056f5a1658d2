// @vitest-environment happy-dom
import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Popup } from '../../../components/Popup.tsx'
import type { ServerAnswer } from '../../../messages/commands.ts'
import type { IssuerState, State } from '../../../messages/state.ts'
import { inRoot } from '../../../scripts/root.ts'
import { click, control, doing, draw, field, text } from './draw.tsx'
import { asker, watchNothing } from './fake-asker.ts'
import { signedIn, signedOut } from './states.ts'

const offering = (atIssuer: IssuerState = 'idle'): State => ({
  ...signedOut(),
  session: { kind: 'signed-out', why: 'never', resting: false, draft: '', staySignedIn: false, atIssuer },
  offers: { issuer: 'Google', forgot: true, signUp: true },
})
const show = (state: State, ask = asker().ask) => draw(<Popup state={state} ask={ask} watch={watchNothing} />)

test('U2.8 the issuer, the forgotten password and sign-up are offered only by a server that has them', async () => {
  const ways = ['Sign in with Google', 'Forgot password?', 'Create an account']
  await show(signedOut())
  for (const way of ways) expect(text()).not.toContain(way)
  await show(offering())
  for (const way of ways) expect(control(way)).toBeDefined()
})

test('U2.9 signing in at the issuer carries "Stay signed in", and then says where to go on', async () => {
  const { ask, of } = asker()
  await show(offering(), ask)
  await click(field('Stay signed in'))
  await click(control('Sign in with Google'))
  expect(of('log-in-at-issuer')).toEqual([{ staySignedIn: true }])
  await show(offering('under-way'))
  expect(control('Continue in the Google window…')).toBeDefined()
})

test('A9.4 how a sign-in at the issuer failed is said when the popup opens again', async () => {
  await show(offering({ refused: { why: 'window-closed' } }))
  const alerts = [...document.querySelectorAll('[role=alert]')].map((alert) => alert.textContent)
  expect(alerts).toContain('The Google window was closed before you were signed in.')
})

test('A9.4 U2.3 how long to wait after too many sign-ins at the issuer is counted down, or not said', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const refused = { why: 'too-many-attempts', until: Date.now() + 3_000 } as const
  await show(offering({ refused }))
  expect(text()).toContain('Too many attempts.Try again in 3 s.')
  await doing(() => vi.advanceTimersByTime(1_000))
  expect(text()).toContain('Try again in 2 s.')
  await draw(null)
  await doing(() => vi.advanceTimersByTime(3_600_000))
  await show(offering({ refused }))
  expect(text()).toContain('You can try again now.')
  await show(offering({ refused: { why: 'too-many-attempts' } }))
  expect(text()).toContain('Too many attempts. Try again later.')
  expect(text()).not.toMatch(/again (in|now)/)
})

test('U2.11 pages of the server are asked for by name, never by an address from the page', async () => {
  const { ask, of } = asker()
  await show(offering(), ask)
  await click(control('Forgot password?'))
  await click(control('Create an account'))
  expect(of('open-page')).toEqual([{ page: 'forgot' }, { page: 'sign-up' }])
})

test.each([
  ['server-silent', 'The server does not answer. Try again.'],
  ['server-fault', 'Something failed on the server. Try again in a moment.'],
  ['not-offered', 'The server does not offer this any more.'],
  ['storage', 'This browser cannot read what Reachable keeps. Try again, or restart the browser.'],
] as const)(
  'U2.12 a page that does not open for “%s” is said to be so beside its link',
  async (why, sentence) => {
    let reply: object = { ok: false, why }
    const close = vi.spyOn(window, 'close').mockReturnValue()
    const { ask } = asker({ 'open-page': () => reply })
    await show(offering(), ask)
    await click(control('Forgot password?'))
    const link = control('Forgot password?')
    expect(link.nextElementSibling?.role).toBe('alert')
    expect(link.nextElementSibling?.textContent).toBe(sentence)
    expect(close).not.toHaveBeenCalled()
    reply = { ok: true }
    await click(link)
    expect(text()).not.toContain(sentence)
    expect(close).toHaveBeenCalledTimes(1)
    close.mockRestore()
  },
)

test.each([
  ['server-silent', 'The server does not answer. Try again.'],
  ['no-network', 'This computer is offline.'],
] as const)('U2.12 no page is opened while “%s” is known, for as long as it is', async (why, sentence) => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let answer: ServerAnswer = why
  const { ask, of } = asker({ 'check-server': () => ({ ok: true, answer }) })
  await show(offering(), ask)
  await doing(() => undefined)
  for (const way of ['Forgot password?', 'Create an account']) {
    await click(control(way))
    expect(control(way).nextElementSibling?.textContent).toBe(sentence)
  }
  expect(of('open-page')).toEqual([])
  answer = 'fine'
  await doing(() => vi.advanceTimersByTimeAsync(60_000))
  expect(text()).not.toContain(sentence)
  await click(control('Forgot password?'))
  expect(of('open-page')).toEqual([{ page: 'forgot' }])
})

test('U2.12 what is said of a page in the menu stands in it as a sentence, and is no item', async () => {
  const { ask } = asker({ 'open-page': () => ({ ok: false, why: 'server-silent' }) })
  await show(signedIn, ask)
  await click(control('Account menu'))
  await click(control('My account'))
  const said = control('My account').nextElementSibling
  expect([said?.role, said?.className]).toEqual(['alert', 'page-link-failure'])
  expect(document.querySelectorAll('[role=menuitem]')).toHaveLength(4)
  const style = readFileSync(inRoot('components', 'PageLink.css'), 'utf8')
  expect(style).toMatch(/\[role="menu"\] \.page-link-failure \{\s+display: block;/)
})

test('U2.12 a worker that was interrupted is not taken for a silent server', async () => {
  const { ask } = asker({ 'open-page': () => Promise.reject(new Error('gone')) })
  await show(offering(), ask)
  await click(control('Forgot password?'))
  expect(text()).toContain('Reachable was interrupted. Try again.')
})

test('U6.9 a picture covers the initials only once it has loaded, and only from a secure address', async () => {
  const withPicture = (picture: string): State => ({
    ...signedIn,
    session: { kind: 'signed-in', account: { name: 'Ann', username: 'ann', email: 'a@b.example', picture } },
  })
  await show(withPicture('https://pictures.example/ann.png'))
  const picture = document.querySelector('.account-button img')
  expect(picture?.className).toBe('picture')
  await doing(() => picture?.dispatchEvent(new Event('load')))
  expect(picture?.className).toBe('picture picture--loaded')
  await show(withPicture('http://pictures.example/ann.png'))
  expect(document.querySelector('.account-button img')).toBeNull()
})
