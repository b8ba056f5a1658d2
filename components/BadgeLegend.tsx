import { Shape } from './Shape.tsx'
import type { ShapeName } from './shapes.ts'

const lights: readonly { shape: ShapeName; badge: string; means: string; more: string }[] = [
  {
    shape: 'reachable',
    badge: 'ON',
    means: 'Calls can reach you',
    more: 'The server has just proved it, and proves it again every few seconds.',
  },
  {
    shape: 'checking',
    badge: '…',
    means: 'Checking',
    more: 'There is no proof at this moment; one is being asked for.',
  },
  {
    shape: 'unreachable',
    badge: 'OFF',
    means: 'Calls cannot reach you',
    more: 'Click the light: it says why, and what mends it.',
  },
  {
    shape: 'ringing-a',
    badge: 'RING',
    means: 'Someone is calling',
    more: 'A window opens, with Answer and Decline.',
  },
]

/** What each shape of the light means, in words. */
export const BadgeLegend = () => (
  <ul class="lights">
    {lights.map(({ shape, badge, means, more }) => (
      <li key={shape}>
        <span class="lights-icon">
          <Shape name={shape} size={36} />
          <span class="lights-badge" data-shape={shape}>
            {badge}
          </span>
        </span>
        <div>
          <strong>{means}</strong>
          <p class="quiet">{more}</p>
        </div>
      </li>
    ))}
  </ul>
)
