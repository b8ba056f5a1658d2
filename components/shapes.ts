/**
 * The shapes of the badge, on a 16 × 16 ground, told apart without colour. Pages draw them as they are, and so does
 * the toolbar where no letters stand; where some do, it moves the sign out of their way (`assets/icons.ts`).
 *
 * Each colour keeps 3 : 1 against light and dark toolbars. Green belongs to `reachable` alone.
 */
export type ShapeName = 'reachable' | 'checking' | 'unreachable' | 'ringing-a' | 'ringing-b'

/** What is shown of a person: how contacts see them, and how they see contacts. */
export type PresenceShapeName = 'available' | 'away' | 'busy' | 'in-call' | 'asking' | 'offline' | 'unknown'

export type Mark = readonly [
  element: 'circle' | 'path',
  attributes: Readonly<Record<string, string | number>>,
]

const green = '#1f9a4c'
const amber = '#c47a00'
const grey = '#7a828e'
const blue = '#3a6fe0'
const red = '#d0453a'
const slate = '#5f7fa8'
const white = '#fff'

const disc = (fill: string): Mark => ['circle', { cx: 8, cy: 8, r: 8, fill }]

const ring = (stroke: string, width: number, more: Mark[1]): Mark => [
  'circle',
  { cx: 8, cy: 8, r: 8 - width / 2, fill: 'none', stroke, 'stroke-width': width, ...more },
]

const line = (d: string, stroke: string, width: number): Mark => [
  'path',
  { d, fill: 'none', stroke, 'stroke-width': width, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' },
]

const bellPath =
  'M8 3.4c-2 0-3.3 1.5-3.3 3.5v1.9l-1.2 1.8h9l-1.2-1.8V6.9c0-2-1.3-3.5-3.3-3.5zM6.7 11.5a1.35 1.35 0 0 0 2.6 0z'

const bell = (fill: string, swing: number): Mark => [
  'path',
  { d: bellPath, fill, transform: `translate(8 8) scale(1.08) translate(-8 -7.8) rotate(${swing} 8 7)` },
]

export interface Drawing {
  readonly ground: readonly Mark[]
  /** Centred on the ground. */
  readonly sign: readonly Mark[]
}

export const shapes: Readonly<Record<ShapeName, Drawing>> = {
  reachable: { ground: [disc(green)], sign: [line('M4.2 8.4l2.7 2.7 4.9-5.8', white, 2.2)] },
  checking: {
    ground: [ring(amber, 2.2, { 'stroke-dasharray': '4.5 2.726', 'stroke-dashoffset': 2.25 })],
    sign: [],
  },
  unreachable: { ground: [disc(grey)], sign: [line('M4.9 4.9l6.2 6.2M11.1 4.9l-6.2 6.2', white, 2.2)] },
  'ringing-a': { ground: [disc(blue)], sign: [bell(white, -14)] },
  'ringing-b': { ground: [ring(amber, 1.6, { fill: white })], sign: [bell(amber, 14)] },
}

/** The badge of who can be reached and lets contacts not see it: a ring of its own, since they are shown nothing. */
export const invisible: Drawing = { ground: [ring(slate, 3.2, {})], sign: [] }

const handset =
  'M5.6 4.3l1.2 1.9-.8 1c.5 1.2 1.6 2.3 2.8 2.8l1-.8 1.9 1.2c.1 1-.8 1.7-1.7 1.6-3-.4-5.6-3-6-6-.1-.9.6-1.8 1.6-1.7z'

/** As the badge's, told apart without colour; green is for who is proven to be reachable. */
export const presenceShapes: Readonly<Record<PresenceShapeName, Drawing>> = {
  available: shapes.reachable,
  away: { ground: [disc(amber)], sign: [line('M8 4.4v4l2.7 1.7', white, 2)] },
  busy: { ground: [disc(red)], sign: [line('M4.7 8h6.6', white, 2.4)] },
  'in-call': { ground: [disc(blue)], sign: [['path', { d: handset, fill: white }]] },
  asking: shapes.checking,
  offline: { ground: [ring(grey, 2.4, {})], sign: [] },
  unknown: {
    ground: [ring(grey, 1.6, { 'stroke-dasharray': '2 2.02', 'stroke-dashoffset': 1 })],
    sign: [
      line('M6.1 6.5a1.95 1.95 0 1 1 2.9 1.7c-.7.4-1 .7-1 1.4', grey, 1.5),
      ['circle', { cx: 8, cy: 11.7, r: 0.95, fill: grey }],
    ],
  },
}
