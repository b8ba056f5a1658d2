import { h } from 'preact'
import { invisible, type PresenceShapeName, presenceShapes, type ShapeName, shapes } from './shapes.ts'
import './Shape.css'

export type DrawnName = ShapeName | PresenceShapeName | 'invisible'

interface Props {
  readonly name: DrawnName
  /** In CSS pixels. */
  readonly size: number
  /** Its place, inside another drawing. */
  readonly x?: number
  readonly y?: number
}

const drawings = { ...shapes, ...presenceShapes, invisible }

/** A shape of the badge, or of what is shown of a person. It is silent to screen readers: a sentence always stands beside it. */
export function Shape({ name, size, x, y }: Props) {
  const { ground, sign } = drawings[name]
  return (
    <svg
      class="shape"
      data-shape={name}
      viewBox="0 0 16 16"
      x={x}
      y={y}
      width={size}
      height={size}
      aria-hidden="true"
    >
      {[...ground, ...sign].map(([element, attributes]) => h(element, attributes))}
    </svg>
  )
}
