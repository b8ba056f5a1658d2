import { initials } from '../initials.ts'
import { Shape } from '../Shape.tsx'
import type { PresenceShapeName } from '../shapes.ts'
import './Avatar.css'

interface Props {
  readonly name: string
  /** What is known of them, at the edge of the disc; words beside it say the same. */
  readonly shape?: PresenceShapeName
}

/** Somebody's initials in a disc. It is silent: the name stands beside it. */
export const Avatar = ({ name, shape }: Props) => (
  <span class="avatar" data-initials={initials(name)} aria-hidden="true">
    {shape && <Shape name={shape} size={15} />}
  </span>
)
