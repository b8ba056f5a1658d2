// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { CallCards } from '../../../components/CallCards.tsx'
import type { IncomingCall } from '../../../messages/state.ts'
import { control, doing, draw } from './draw.tsx'
import { asker } from './fake-asker.ts'
import { call } from './states.ts'

const show = (...calls: readonly IncomingCall[]) =>
  draw(<CallCards calls={calls} further={0} ask={asker().ask} />)

/** Which card has the focus, itself or by a button. */
const focused = () => document.activeElement?.closest('.call-card')?.getAttribute('aria-label')

test('C8.19 the focus of a button that goes is on its card, then on the next call, and never on a button', async () => {
  const carla = call('ringing', { id: 'c2', from: 'Carla' })
  await show(call(), carla)
  control('Decline Ben Sample').focus()
  await show(carla, call('declining'))
  expect(focused()).toBe('Call from Ben Sample')
  await show(carla)
  expect(focused()).toBe('Call from Carla')
  expect(document.activeElement?.tagName).toBe('SECTION')
})

test('C8.19 a call that goes takes the focus to no other from where somebody has put it since', async () => {
  const carla = call('ringing', { id: 'c2', from: 'Carla' })
  await show(call(), carla)
  control('Decline Ben Sample').focus()
  await doing(() => control('Decline Ben Sample').blur())
  await show(carla)
  expect(focused()).toBeUndefined()
})
