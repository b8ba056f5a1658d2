/**
 * The shapes of the badge, on a 16 × 16 ground, told apart without colour. Pages draw them as they are;
 * the toolbar lifts the sign, since browsers lay the letters over the lower half.
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

const ring = (stroke: string, width: number, more: Mark[1]): Mark => [
  'circle',
  { cx: 8, cy: 8, r: 7.5 - width / 2, fill: 'none', stroke, 'stroke-width': width, ...more },
]

const line = (d: string, stroke: string, width: number): Mark => [
  'path',
  { d, fill: 'none', stroke, 'stroke-width': width, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' },
]

const bellPath =
  'M8 3.4c-2 0-3.3 1.5-3.3 3.5v1.9l-1.2 1.8h9l-1.2-1.8V6.9c0-2-1.3-3.5-3.3-3.5zM6.7 11.5a1.35 1.35 0 0 0 2.6 0z'

const bell = (fill: string, swing: number): Mark => [
  'path',
  { d: bellPath, fill, transform: `rotate(${swing} 8 7)` },
]

export interface Drawing {
  readonly ground: readonly Mark[]
  /** Centred on the ground. */
  readonly sign: readonly Mark[]
}

export const shapes: Readonly<Record<ShapeName, Drawing>> = {
  reachable: { ground: [disc(green)], sign: [line('M4.6 8.3l2.5 2.5 4.5-5.1', white, 1.9)] },
  checking: {
    ground: [ring(amber, 2.2, { 'stroke-dasharray': '4.2 2.5', 'stroke-dashoffset': 2.1 })],
    sign: [],
  },
  unreachable: { ground: [disc(grey)], sign: [line('M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6', white, 1.9)] },
  'ringing-a': { ground: [disc(blue)], sign: [bell(white, -14)] },
  'ringing-b': { ground: [ring(blue, 1.1, { fill: white })], sign: [bell(blue, 14)] },
}
