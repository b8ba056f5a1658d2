// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { Popup } from '../../../components/Popup.tsx'
import type { IssuerState, State } from '../../../messages/state.ts'
import { asker } from './asked.ts'
import { click, control, doing, draw, field, text } from './drawn.tsx'
import { signedIn, signedOut } from './states.ts'

const offering = (atIssuer: IssuerState = 'idle'): State => ({
  ...signedOut(),
  session: { kind: 'signed-out', why: 'never', draft: '', atIssuer },
  offers: { issuer: 'Google', forgot: true, signUp: true },
})
const show = (state: State, ask = asker().ask) => draw(<Popup state={state} ask={ask} />)

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

test('U2.10 how a sign-in at the issuer failed is said when the popup opens again', async () => {
  await show(offering({ refused: { why: 'window-closed' } }))
  const alerts = [...document.querySelectorAll('[role=alert]')].map((alert) => alert.textContent)
  expect(alerts).toContain('The Google window was closed before you were signed in.')
})

test('U2.11 pages of the server are asked for by name, never by an address from the page', async () => {
  const { ask, of } = asker()
  await show(offering(), ask)
  await click(control('Forgot password?'))
  await click(control('Create an account'))
  expect(of('open-page')).toEqual([{ page: 'forgot' }, { page: 'sign-up' }])
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
