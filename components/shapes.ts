/**
 * The shapes of the light, on a 16 × 16 ground, told apart without colour: `[element, attributes]` in
 * drawing order. They are drawn inline by pages and to PNG for the toolbar. Browsers lay the badge text
 * over the lower right, so every mark sits in the upper half.
 *
 * Each colour keeps 3 : 1 against light and dark toolbars. Green belongs to `reachable` alone.
 */
export type ShapeName = 'reachable' | 'checking' | 'unreachable' | 'ringing-a' | 'ringing-b'

export type Mark = readonly [
  element: 'circle' | 'path',
  attributes: Readonly<Record<string, string | number>>,
]

const green = '#1f9a4c'
const amber = '#c47a00'
const grey = '#7a828e'
const blue = '#3a6fe0'
const white = '#fff'

const disc = (fill: string): Mark => ['circle', { cx: 8, cy: 8, r: 7.5, fill }]

const line = (d: string, stroke: string, width: number): Mark => [
  'path',
  { d, fill: 'none', stroke, 'stroke-width': width, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' },
]

const bellPath =
  'M8 2.3c-2 0-3.3 1.5-3.3 3.5v1.9L3.5 9.5h9L11.3 7.7V5.8c0-2-1.3-3.5-3.3-3.5zM6.7 10.4a1.35 1.35 0 0 0 2.6 0z'

const bell = (fill: string, swing: number): Mark => [
  'path',
  { d: bellPath, fill, transform: `rotate(${swing} 8 6)` },
]

export const shapes: Readonly<Record<ShapeName, readonly Mark[]>> = {
  reachable: [disc(green), line('M4.3 6.9 7 9.5l4.9-5.2', white, 1.9)],
  checking: [
    [
      'circle',
      {
        cx: 8,
        cy: 8,
        r: 6.4,
        fill: 'none',
        stroke: amber,
        'stroke-width': 2.2,
        'stroke-dasharray': '4.2 2.5',
        'stroke-dashoffset': 2.1,
      },
    ],
  ],
  unreachable: [disc(grey), line('M5.1 4.1l5.8 5.8M10.9 4.1 5.1 9.9', white, 1.9)],
  'ringing-a': [disc(blue), bell(white, -14)],
  'ringing-b': [
    ['circle', { cx: 8, cy: 8, r: 6.7, fill: white, stroke: blue, 'stroke-width': 1.6 }],
    bell(blue, 14),
  ],
}
