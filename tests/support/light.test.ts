import { expect, test } from 'vitest'
import { type Drawn, lightOf } from './light.ts'

const green: Drawn = {
  text: '',
  colour: [19, 115, 51],
  title: 'Calls can reach you, Ann. Confirmed at 10:02:31.',
  icon: '/icons/reachable-16.png',
}
const off: Drawn = {
  text: 'Off',
  colour: [95, 99, 104],
  title: 'Calls cannot reach you: nobody is logged in.',
  icon: '/icons/unreachable-lettered-16.png',
}

test('G1.2 a toolbar of which one part alone is green is not seen as off, nor one of which one is not as green', () => {
  expect([lightOf(green), lightOf(off)]).toEqual(['green', 'off'])
  for (const part of ['colour', 'title', 'icon'] as const) {
    expect(lightOf({ ...off, [part]: green[part] })).toContain('green')
    expect(lightOf({ ...off, [part]: green[part] })).not.toBe('green')
    expect(lightOf({ ...green, [part]: off[part] })).not.toBe('green')
  }
  expect(lightOf({ ...green, icon: '' })).not.toBe('green')
})
