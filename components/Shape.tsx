import { h } from 'preact'
import { type ShapeName, shapes } from './shapes.ts'
import './Shape.css'

interface Props {
  readonly name: ShapeName
  /** In CSS pixels. */
  readonly size: number
  /** Its place, inside another drawing. */
  readonly x?: number
  readonly y?: number
}

/** A shape of the badge. It is silent to screen readers: a sentence always stands beside it. */
export function Shape({ name, size, x, y }: Props) {
  const { ground, sign } = shapes[name]
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
