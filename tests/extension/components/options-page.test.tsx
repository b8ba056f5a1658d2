// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { OptionsPage } from '../../../components/OptionsPage.tsx'
import { serverRefusal } from '../../../components/ServerForm.tsx'
import type { SetServerReply } from '../../../messages/commands.ts'
import type { State } from '../../../messages/state.ts'
import { click, control, description, doing, draw, field, text, type } from './draw.tsx'
import { asker } from './fake-asker.ts'
import { signedIn, signedOut } from './states.ts'

type Why = Extract<SetServerReply, { ok: false }>['why']

const show = (ask = asker().ask, state: State = signedOut()) =>
  draw(<OptionsPage state={state} ask={ask} version="1.2.3" />)

const keep = async (address: string) => {
  await type('Server address', address)
  await doing(() => field('Server address').form?.requestSubmit())
}

const whys = Object.keys({
  empty: true,
  'not-an-address': true,
  'not-secure': true,
  'no-network': true,
  'server-silent': true,
  'not-a-reachable-server': true,
  outdated: true,
  storage: true,
} satisfies Record<Why, true>) as Why[]

test.each(whys)('A7.3 an address refused as “%s” is not kept, and the field says why', async (why) => {
  const { ask } = asker({ 'set-server': () => ({ ok: false, why }) })
  await show(ask)
  await keep('what.was/typed')
  expect(description(field('Server address'))).toContain(serverRefusal(why))
  expect(document.activeElement).toBe(field('Server address'))
  expect(field('Server address').value).toBe('what.was/typed')
  expect(whys.filter((other) => serverRefusal(other) === serverRefusal(why))).toEqual([why])
  expect(text()).not.toContain('Saved.')
})

test('A7.3 an address that was kept is said to be, as the server’s origin', async () => {
  const { ask, of } = asker({ 'set-server': () => ({ ok: true, server: 'https://new.example' }) })
  await show(ask)
  await keep('  https://new.example/path ')
  expect(of('set-server')).toEqual([{ address: 'https://new.example/path' }])
  expect(text()).toContain('Saved. Reachable now uses new.example.')
  await show(ask, { ...signedOut(), server: 'https://new.example' })
  expect(field('Server address').value).toBe('https://new.example')
  await type('Server address', 'other.example')
  expect(text()).not.toContain('Saved.')
})

test('U2.15 options that are opened for the address have the cursor in it, ready to be typed over, and others not', async () => {
  await show()
  expect(document.activeElement).not.toBe(field('Server address'))
  await draw(null)
  location.hash = '#server-address'
  await show()
  expect(document.activeElement).toBe(field('Server address'))
  expect(field('Server address').selectionEnd).toBe('https://reachable.example'.length)
  location.hash = ''
})

test('A7.5 where nobody has named a server the field is empty, and the cursor is there', async () => {
  await show(asker().ask, { ...signedOut(), server: null })
  expect(field('Server address').value).toBe('')
  expect(document.activeElement).toBe(field('Server address'))
})

test('U1.4 an address is checked once at a time', async () => {
  const { ask, of } = asker({ 'set-server': () => new Promise(() => undefined) })
  await show(ask)
  await keep('https://new.example')
  await click(control('Checking…'))
  expect(of('set-server')).toHaveLength(1)
})

test('U9.7 someone logged in is warned that another server logs them out', async () => {
  await show()
  expect(description(field('Server address'))).not.toContain('logs you out')
  await show(asker().ask, signedIn)
  expect(description(field('Server address'))).toContain('Changing it logs you out, Ann Example.')
})

test('U6.3 notifications name nobody until the person says so', async () => {
  const { ask, of } = asker()
  await show(ask)
  const box = field('Show names in notifications')
  expect(description(box)).toContain(
    'calls, announces a call, writes, asks to be your contact, or can be reached',
  )
  expect(box.checked).toBe(false)
  await click(box)
  expect(of('set-settings')).toEqual([{ namesInNotifications: true }])
})

test('G3.7 who wants no notification of the light says so, and until then gets them', async () => {
  const { ask, of } = asker()
  await show(ask)
  const box = field('Tell me when calls cannot reach me')
  expect(description(box)).toContain('for half a minute, or longer where it comes and goes,')
  expect(box.checked).toBe(true)
  await click(box)
  expect(of('set-settings')).toEqual([{ tellOfOutages: false }])
})

const box = () => field('Show names in notifications')

test.each([
  ['refused', () => ({ ok: false, why: 'storage' }), 'This browser could not keep the setting.'],
  ['lost', () => Promise.reject(new Error('The worker died')), 'Reachable was interrupted. Try again.'],
] as const)(
  'U6.3 a setting whose keeping was %s is shown as it is, and said not to be kept until it is',
  async (_, answer, sentence) => {
    let answered: () => object | Promise<object> = answer
    const { ask } = asker({ 'set-settings': () => answered() })
    await show(ask)
    for (let tried = 0; tried < 2; tried += 1) {
      await click(box())
      expect(box().checked).toBe(false)
      expect(description(box())).toContain(sentence)
    }
    answered = () => ({ ok: true })
    await click(box())
    const { settings, ...state } = signedOut()
    await show(ask, { ...state, settings: { ...settings, namesInNotifications: true } })
    expect(box().checked).toBe(true)
    expect(description(box())).not.toContain(sentence)
  },
)

test('U6.3 while a setting is on its way it is shown as it was asked for last', async () => {
  const answers: ((reply: object) => void)[] = []
  const { ask } = asker({ 'set-settings': () => new Promise((answer) => void answers.push(answer)) })
  const { settings, ...state } = signedOut()
  const on = { ...state, settings: { ...settings, namesInNotifications: true } }
  await show(ask)
  await click(box())
  await click(box())
  await doing(() => answers[0]?.({ ok: true }))
  await show(ask, on)
  expect(box().checked).toBe(false)
  await doing(() => answers[1]?.({ ok: false, why: 'storage' }))
  expect(box().checked).toBe(true)
  expect(text()).toContain('could not keep the setting')
})

test('C8.11 Test ring asks for one, and says beforehand what will happen', async () => {
  const { ask, of } = asker()
  await show(ask)
  expect(description(control('Test ring'))).toContain('Nobody is called.')
  await click(control('Test ring'))
  expect(of('test-ring')).toHaveLength(1)
})

test('U6.5 the options tell the version', async () => {
  await show()
  expect(text()).toContain('Reachable 1.2.3')
})
