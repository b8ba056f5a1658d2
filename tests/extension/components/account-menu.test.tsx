// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { AccountMenu } from '../../../components/AccountMenu.tsx'
import { initials } from '../../../components/initials.ts'
import { click, control, doing, draw, press } from './draw.tsx'
import { asker } from './fake-asker.ts'
import { ann } from './states.ts'

const button = () => control('Account menu, Ann Example')
const menu = () => document.querySelector('[role=menu]')
const focused = () => document.activeElement?.textContent

let asked = asker()
beforeEach(async () => {
  asked = asker()
  await draw(<AccountMenu account={ann} ask={asked.ask} />)
})

test('U3.1 the button tells that it has a menu and whether that is open', async () => {
  expect(button().getAttribute('aria-haspopup')).toBe('menu')
  expect(button().dataset.initials).toBe('AE')
  expect(button().getAttribute('aria-expanded')).toBe('false')
  await click(button())
  expect(button().getAttribute('aria-expanded')).toBe('true')
  expect(button().getAttribute('aria-controls')).toBe(menu()?.id)
  expect(document.body.textContent).toContain('ann@clinic.example')
})

test.each([
  ['a click', () => click(button()), 'My account'],
  ['Arrow down', () => press('ArrowDown'), 'My account'],
  ['Arrow up', () => press('ArrowUp'), 'Log out'],
] as const)('U3.1 %s opens the menu with an item in focus', async (_, open, item) => {
  button().focus()
  await open()
  expect(focused()).toBe(item)
})

test('U3.1 arrows go round, Home and End go to the ends, and the page keeps those keys', async () => {
  await click(button())
  const walk: [key: string, item: string][] = [
    ['ArrowDown', 'Options'],
    ['ArrowDown', 'Test ring'],
    ['ArrowDown', 'Log out'],
    ['ArrowDown', 'My account'],
    ['ArrowUp', 'Log out'],
    ['Home', 'My account'],
    ['End', 'Log out'],
  ]
  for (const [key, item] of walk) {
    expect(await press(key)).toBe(false)
    expect(focused()).toBe(item)
  }
})

test('U3.1 Escape closes the menu, gives the focus back, and does not reach the popup', async () => {
  await click(button())
  expect(await press('Escape')).toBe(false)
  expect(menu()).toBeNull()
  expect(document.activeElement).toBe(button())
})

test('U3.1 Tab closes the menu and goes on', async () => {
  await click(button())
  expect(await press('Tab')).toBe(true)
  expect(menu()).toBeNull()
})

test('U3.1 items are reached by arrows, not by Tab', async () => {
  await click(button())
  const items = [...document.querySelectorAll<HTMLElement>('[role=menuitem]')]
  expect(items.map(({ tabIndex }) => tabIndex)).toEqual([-1, -1, -1, -1])
})

test('U3.1 a press outside closes the menu, one inside does not', async () => {
  await click(button())
  await doing(() => menu()?.dispatchEvent(new Event('pointerdown', { bubbles: true })))
  expect(menu()).not.toBeNull()
  await doing(() => document.body.dispatchEvent(new Event('pointerdown', { bubbles: true })))
  expect(menu()).toBeNull()
})

test('U1.4 Log out asks once', async () => {
  await click(button())
  await doing(() => {
    control('Log out').click()
    control('Log out').click()
  })
  expect(asked.of('log-out')).toHaveLength(1)
})

test.each([
  ['Ann Example', 'AE'],
  ['ann', 'A'],
  ['  Ana   María de la Cruz ', 'AC'],
  ['Dr. (Beth) O’Neil', 'DO'],
  ['田中太郎', '田'],
  ['山田 花子', '山花'],
  ['👩‍⚕️ Carla', '👩‍⚕️C'],
  ['Ωmega ßeta', 'ΩSS'],
  ['e\u0301lodie', 'E\u0301'],
  ['1st Responder', '1R'],
  ['- Zoë -', 'Z'],
] as const)('U3.5 the initials of “%s” are %s', (name, expected) => {
  expect(initials(name)).toBe(expected)
})

test('U3.5 without a name the initials come from the sign-in name, and never are empty', () => {
  expect(initials('', 'ann@clinic.example')).toBe('A')
  expect(initials(' ', ' ')).toBe('?')
  expect(initials('---', '')).toBe('?')
})
